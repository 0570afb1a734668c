import type {
  DescribeInferenceComponentOutput,
  InferenceComponentDeploymentConfig,
  InferenceComponentSpecification,
  InferenceComponentSpecificationSummary,
} from "@aws-sdk/client-sagemaker";
import * as v from "valibot";
import type { Deployment } from "../../core/deployment/deployment-target.ts";
import type { Order } from "../../core/deployment/order.ts";
import { longestSeconds } from "../../core/deployment/release.ts";
import { canonicalJson } from "../../core/encoding/canonical-json.ts";
import { Failure } from "../../core/failure.ts";
import type { ComponentHandling, ComponentResources, ComponentTarget } from "../../core/promotion/target.ts";
import type { Release } from "../../core/promotion/traffic.ts";
import { whyNotComponentAsked } from "./as-asked.ts";
import { handlingIn, handlingTold } from "./component-handling.ts";
import { alarmNamesOf, rollbackOn } from "./release-config.ts";

/** What a component is asked to run: enough to go back to it. */
export interface ComponentRelease {
  readonly model: string;
  readonly copies: number;
  readonly resources: ComponentResources;
  readonly handling?: ComponentHandling;
}

/** What a component runs; `undefined` where it is not one model with resources of its own, so that nothing could go back to it. */
export function releaseIn(described: DescribeInferenceComponentOutput): ComponentRelease | undefined {
  const { Specification: spec, Specifications: others = [], RuntimeConfig: runtime } = described;
  const resources = resourcesIn(spec);
  if (spec?.ModelName === undefined || resources === undefined || others.length > 0) return undefined;
  if (spec.BaseInferenceComponentName !== undefined) return undefined;
  const handling = handlingIn(spec);
  return {
    model: spec.ModelName,
    copies: runtime?.DesiredCopyCount ?? 1,
    resources,
    ...(Object.keys(handling).length === 0 ? {} : { handling }),
  };
}

/** A release as text. */
export function revisionOf({ model, copies, resources, handling }: ComponentRelease): string {
  return canonicalJson({
    model,
    copies,
    resources: { ...resources },
    ...(handling === undefined ? {} : { handling: { ...handling } }),
  });
}

const count = v.pipe(v.number(), v.minValue(0));
const release = v.strictObject({
  model: v.pipe(v.string(), v.nonEmpty()),
  copies: count,
  resources: v.strictObject({
    memoryMegabytes: count,
    mostMemoryMegabytes: v.exactOptional(count),
    cpuCores: v.exactOptional(count),
    accelerators: v.exactOptional(count),
  }),
  handling: v.exactOptional(
    v.strictObject({
      downloadSeconds: v.exactOptional(count),
      startSeconds: v.exactOptional(count),
      caching: v.exactOptional(v.literal(true)),
      placement: v.exactOptional(v.picklist(["spread", "pack"])),
      zoneImbalance: v.exactOptional(count),
    }),
  ),
});

/** The release that `revisionOf` wrote down. */
export function releaseOfRevision(written: string): ComponentRelease {
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), release), written);
  if (result.success) return result.output;
  throw new Failure("internal", "What ran before was written down in a form that cannot be read.");
}

/** What is released for an order. */
export function orderedRelease(
  { promotion }: Order,
  { copies, resources, handling }: ComponentTarget,
): ComponentRelease {
  return { model: promotion, copies, resources, ...(handling === undefined ? {} : { handling }) };
}

/** What SageMaker is told to run: this, and nothing of what somebody told the component meanwhile. */
export function specificationOf({ model, resources, handling }: ComponentRelease): InferenceComponentSpecification {
  const { memoryMegabytes, mostMemoryMegabytes, cpuCores, accelerators } = resources;
  return {
    ModelName: model,
    ComputeResourceRequirements: {
      MinMemoryRequiredInMb: memoryMegabytes,
      ...(mostMemoryMegabytes === undefined ? {} : { MaxMemoryRequiredInMb: mostMemoryMegabytes }),
      ...(cpuCores === undefined ? {} : { NumberOfCpuCoresRequired: cpuCores }),
      ...(accelerators === undefined ? {} : { NumberOfAcceleratorDevicesRequired: accelerators }),
    },
    ...(handling === undefined ? {} : handlingTold(handling)),
  };
}

/**
 * How SageMaker is told to replace the copies; nothing where it is to replace all of them at once, heeding no alarm.
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_InferenceComponentDeploymentConfig.html
 */
export function rollingUpdate(
  released: Pick<Deployment, "promotion" | "target"> & { readonly release: Release },
): InferenceComponentDeploymentConfig | undefined {
  const { traffic } = released.release;
  if (traffic.kind !== "rolling") return undefined;
  return {
    RollingUpdatePolicy: {
      ...inBatches(traffic.copies),
      WaitIntervalInSeconds: traffic.waitSeconds,
      MaximumExecutionTimeoutInSeconds: longestSeconds(released.release),
    },
    ...rollbackOn(alarmNamesOf(released)),
  };
}

/**
 * The way back takes no greater part of the copies beside those that serve than the way there did, and waits for nothing. There
 * may be more of them than the target says, or fewer: SageMaker takes batches of 5 to 50 percent of what there are. One copy
 * has no part.
 */
export function rollingBack({ release }: Deployment, copies: number): InferenceComponentDeploymentConfig | undefined {
  const { traffic } = release;
  if (traffic.kind !== "rolling" || copies < 2) return undefined;
  const percent = Math.min(50, Math.max(5, Math.round((100 * traffic.copies) / traffic.of)));
  const size = { Type: "CAPACITY_PERCENT", Value: percent } as const;
  return { RollingUpdatePolicy: { MaximumBatchSize: size, RollbackMaximumBatchSize: size, WaitIntervalInSeconds: 0 } };
}

function inBatches(copies: number) {
  const size = { Type: "COPY_COUNT", Value: copies } as const;
  // Without a size of its own, what SageMaker takes back it would bring back all at once, beside all that is there.
  return { MaximumBatchSize: size, RollbackMaximumBatchSize: size };
}

/** Why what a component runs is not exactly what is ordered; `undefined`: it is. */
export function whyNotOrdered(
  described: DescribeInferenceComponentOutput,
  order: Order,
  target: ComponentTarget,
): string | undefined {
  const { Container: container } = described.Specification ?? {};
  const images = [container?.DeployedImage?.SpecifiedImage, container?.DeployedImage?.ResolvedImage];
  const why =
    whyNotComponentAsked(described, {
      InferenceComponentName: target.endpoint,
      EndpointName: target.host,
      Specification: specificationOf(orderedRelease(order, target)),
    }) ??
    (images.some((each) => each !== undefined && digestOf(each) !== digestOf(order.image))
      ? "its image is another"
      : undefined) ??
    (container?.ArtifactUrl !== undefined && container.ArtifactUrl !== order.model.uri
      ? "its model is at another address"
      : undefined);
  return why === undefined
    ? undefined
    : `The inference component '${target.endpoint}' does not run the approved model as it was approved: ${why}.`;
}

function digestOf(image: string): string {
  return image.slice(image.lastIndexOf("@") + 1);
}

/** `undefined` for what takes its resources from another component. */
function resourcesIn(spec: InferenceComponentSpecificationSummary | undefined): ComponentResources | undefined {
  const { MinMemoryRequiredInMb: memory, ...more } = spec?.ComputeResourceRequirements ?? {
    MinMemoryRequiredInMb: undefined,
  };
  if (memory === undefined) return undefined;
  const {
    MaxMemoryRequiredInMb: most,
    NumberOfCpuCoresRequired: cores,
    NumberOfAcceleratorDevicesRequired: accelerators,
  } = more;
  return {
    memoryMegabytes: memory,
    ...(most === undefined ? {} : { mostMemoryMegabytes: most }),
    ...(cores === undefined ? {} : { cpuCores: cores }),
    ...(accelerators === undefined ? {} : { accelerators }),
  };
}
