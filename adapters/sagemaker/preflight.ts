import {
  DescribeEndpointConfigCommand,
  type DescribeEndpointConfigOutput,
  type SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import type { Preflight, Running } from "../../core/deployment/deployment-target.ts";
import type { Order } from "../../core/deployment/order.ts";
import { requireKind } from "../../core/deployment/target-kind.ts";
import type { SageMakerTarget } from "../../core/promotion/target.ts";
import type { Release } from "../../core/promotion/traffic.ts";
import { whyOtherQueue } from "./asynchronous.ts";
import { describeEndpoint, runningOf } from "./endpoint-state.ts";
import type { Hosting } from "./hosting.ts";
import { unlessAbsent } from "./refusals.ts";
import { sharedBy, whyNoShare } from "./share-config.ts";
import { whyNotServerless } from "./staged-model.ts";
import { variantName } from "./variant.ts";

/**
 * Whether SageMaker would release the order as it is asked for. What it excludes from traffic shifting it moves all at
 * once without a word (https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-exclusions.html); here
 * that is impossible instead.
 */
export async function preflight(
  client: SageMakerClient,
  hosting: Pick<Hosting, "captures">,
  { target, model }: Order,
  plan: (running: Running) => Release,
): Promise<Preflight> {
  const { state } = await describeEndpoint(client, hosting, target.endpoint);
  const running = runningOf(state);
  const release = plan(running);
  const impossible = (why: string): Preflight => ({ kind: "impossible", why });
  const unfit = whyNotServerless(target, model);
  if (unfit !== undefined) return impossible(unfit);
  if (running.broken !== undefined)
    return impossible(`The endpoint '${target.endpoint}' cannot be updated: ${running.broken}`);
  const { revision } = running;
  const guarded = release.traffic.kind !== "all-at-once" || release.alarms !== undefined;
  // What we made ourselves has one variant, of the target's own kind unless that was changed. Where a candidate answers beside it, one of the two soon does alone.
  if (revision === undefined || sharedBy(revision) !== undefined) return { kind: "possible", release, running };
  const config = await unlessAbsent(() =>
    client.send(new DescribeEndpointConfigCommand({ EndpointConfigName: revision })),
  );
  const machine = requireKind(target, "sagemaker-endpoint");
  const { serverless } = machine;
  const other = config === undefined ? undefined : otherwiseHosted(config, machine);
  if (other !== undefined)
    return impossible(
      `The endpoint '${target.endpoint}' ${other}. It would be replaced at once, or not at all, and nothing could go back to it; give the target an endpoint of its own.`,
    );
  const caution = config === undefined ? undefined : scalingCaution(config, machine);
  const possible: Preflight = { kind: "possible", release, running, ...(caution === undefined ? {} : { caution }) };
  // What has no traffic that is shifted, and no alarm that SageMaker heeds, is excluded from nothing.
  if (serverless !== undefined || !guarded) return possible;
  if (release.traffic.kind === "weights") {
    const why = config === undefined ? "its configuration is gone" : whyNoShare(config);
    if (why === undefined) return possible;
    return impossible(`Nothing can answer a part of the requests of the endpoint '${target.endpoint}': ${why}.`);
  }
  const excluded = config === undefined ? "its configuration is gone" : exclusionOf(config);
  if (excluded === undefined) return possible;
  return impossible(
    `The endpoint '${target.endpoint}' cannot be updated with traffic shifting and alarms: ${excluded}. SageMaker would move all traffic at once without saying so.`,
  );
}

/**
 * What Application Auto Scaling knows is not asked here. Of a variant that scales SageMaker takes another model, and neither
 * other instances nor its removal: https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-update.html
 */
function scalingCaution(
  { ProductionVariants: [variant] = [] }: DescribeEndpointConfigOutput,
  { instanceType }: SageMakerTarget,
): string | undefined {
  if (variant?.InstanceType === undefined || instanceType === undefined) return undefined;
  const how =
    variant.VariantName !== variantName
      ? `What serves is the variant '${variant.VariantName}', which '${variantName}' takes the place of`
      : variant.InstanceType !== instanceType
        ? `What serves is on ${variant.InstanceType}, and the target on ${instanceType}`
        : undefined;
  return how === undefined
    ? undefined
    : `${how}: while that variant is registered for auto scaling, SageMaker refuses such an update. Deregister it before.`;
}

/** How an endpoint serves that no update of ours can take the place of, whatever its traffic. */
function otherwiseHosted(config: DescribeEndpointConfigOutput, target: SageMakerTarget): string | undefined {
  const { ProductionVariants: variants = [] } = config;
  const { serverless: asked } = target;
  const serverless = variants.some(({ ServerlessConfig: config }) => config !== undefined);
  if (serverless && asked === undefined) return "is serverless, and the target is on instances";
  // Models of inference components are put on an endpoint by themselves, and its variants name none.
  if (variants.some(({ ModelName: model }) => model === undefined)) return "holds inference components";
  const queue = whyOtherQueue(config, target);
  if (queue !== undefined) return queue;
  // https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html: there is no way from instances to serverless.
  return asked === undefined || serverless ? undefined : "is on instances, and the target is serverless";
}

function exclusionOf({ ProductionVariants: variants = [] }: DescribeEndpointConfigOutput): string | undefined {
  const [variant, ...others] = variants;
  if (variant === undefined || others.length > 0) return `it serves ${variants.length} variants, not one`;
  if (variant.VariantName !== variantName)
    return `its variant is called '${variant.VariantName}' and the new one '${variantName}'`;
  if (variant.InstanceType?.startsWith("ml.inf1.")) return "it runs on Inf1 instances";
  if (variant.AcceleratorType !== undefined) return "it uses Elastic Inference";
  return undefined;
}
