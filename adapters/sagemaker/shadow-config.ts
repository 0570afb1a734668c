import type {
  CreateEndpointConfigInput,
  DescribeEndpointConfigOutput,
  ProductionVariant,
} from "@aws-sdk/client-sagemaker";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";
import type { InstancesTarget, SageMakerTarget } from "../../core/promotion/target.ts";
import { whyNotConfigAsked } from "./as-asked.ts";
import { configNames } from "./config-names.ts";
import { whyNotCopied } from "./copied-variant.ts";
import type { Hosting } from "./hosting.ts";
import { machineOf } from "./variant.ts";

/** The variant that nobody hears. */
export const shadowVariantName = "candidate";

const names = configNames("shadow-");

/** The configuration under which a promotion's candidate runs in shadow. */
export const shadowConfigName = names.of;

/** The promotion whose candidate runs in shadow under a configuration, where one does. */
export const shadowedBy = names.promotionIn;

/** Where SageMaker leaves what both answer: the last part names the configuration that answered before, and will again. */
export function captureUri({ captures }: Pick<Hosting, "captures">, promotion: PromotionId, beside: string): string {
  return `${captures}/${promotion}/${beside}`;
}

/** The configuration beside which another was put up in shadow; `undefined` where it does not say. */
export function answeringConfig({ DataCaptureConfig: capture }: DescribeEndpointConfigOutput): string | undefined {
  return capture?.DestinationS3Uri?.split("/").at(-1);
}

/**
 * Whether under a configuration, beside a candidate in its shadow, exactly that answers which answers under the one that it
 * names, and both are captured for us. On which instances the candidate runs changes nothing of what answers.
 */
export function answersAs(
  promotion: PromotionId,
  shadowed: DescribeEndpointConfigOutput,
  before: {
    readonly configName: string;
    readonly config: DescribeEndpointConfigOutput;
    readonly hosting: Pick<Hosting, "captures">;
  },
): boolean {
  const [variant] = before.config.ProductionVariants ?? [];
  const [{ InstanceType: instanceType, InitialInstanceCount: instanceCount } = {}] =
    shadowed.ShadowProductionVariants ?? [];
  if (variant === undefined || instanceType === undefined || instanceCount === undefined) return false;
  if (whyNotCopied(before.config) !== undefined) return false;
  const captures = captureUri(before.hosting, promotion, before.configName);
  const wanted = shadowConfig(promotion, { instanceType, instanceCount }, { variant, captures });
  return whyNotConfigAsked(shadowed, wanted) === undefined;
}

/**
 * What answers now with the candidate in its shadow. All of production's requests go to both, and both are captured.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/model-shadow-deployment.html
 */
export function shadowConfig(
  promotion: PromotionId,
  machine: Pick<InstancesTarget, "instanceType" | "instanceCount">,
  { variant, captures }: { readonly variant: ProductionVariant; readonly captures: string },
): CreateEndpointConfigInput {
  return {
    EndpointConfigName: shadowConfigName(promotion),
    ProductionVariants: [variant],
    ShadowProductionVariants: [
      {
        VariantName: shadowVariantName,
        ModelName: promotion,
        ...machineOf(machine),
        // The share of requests that it gets is its weight beside that of what answers: all of them.
        InitialVariantWeight: variant.InitialVariantWeight ?? 1,
      },
    ],
    DataCaptureConfig: {
      EnableCapture: true,
      InitialSamplingPercentage: 100,
      DestinationS3Uri: captures,
      CaptureOptions: [{ CaptureMode: "Input" }, { CaptureMode: "Output" }],
      CaptureContentTypeHeader: { CsvContentTypes: ["text/csv"], JsonContentTypes: ["application/json"] },
    },
  };
}

/**
 * Why SageMaker takes no shadow variant beside what answers, or would change more than that
 * (https://docs.aws.amazon.com/sagemaker/latest/dg/shadow-tests-exclusions.html). `undefined`: it does.
 */
export function whyNoShadow(config: DescribeEndpointConfigOutput, machine: SageMakerTarget): string | undefined {
  // Before anybody approved it, a candidate could hand on what it is asked, or forge what is captured of it.
  if (machine.serverless !== undefined) return "serverless endpoints have no shadow";
  if (machine.asynchronous !== undefined) return "asynchronous endpoints have no shadow";
  if (machine.network === "open") return "the candidate could reach the network, before anybody approved it";
  for (const type of [config.ProductionVariants?.[0]?.InstanceType, machine.instanceType])
    if (type?.startsWith("ml.inf1.")) return "of Inf1 instances there is no shadow";
  return whyNotCopied(config);
}
