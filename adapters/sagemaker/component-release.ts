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
import type { ComponentResources, ComponentTarget } from "../../core/promotion/target.ts";
import type { Release } from "../../core/promotion/traffic.ts";
import { alarmNamesOf, rollbackOn } from "./release-config.ts";

/** What a component is asked to run: enough to go back to it. */
export interface ComponentRelease {
  readonly model: string;
  readonly copies: number;
  readonly resources: ComponentResources;
}

/** What a component runs; `undefined` where it is not one model with resources of its own, so that nothing could go back to it. */
export function releaseIn(described: DescribeInferenceComponentOutput): ComponentRelease | undefined {
  const { Specification: spec, Specifications: others = [], RuntimeConfig: runtime } = described;
  const resources = resourcesIn(spec);
  if (spec?.ModelName === undefined || resources === undefined || others.length > 0) return undefined;
  if (spec.BaseInferenceComponentName !== undefined) return undefined;
  return { model: spec.ModelName, copies: runtime?.DesiredCopyCount ?? 1, resources };
}

/** A release as text. */
export function revisionOf({ model, copies, resources }: ComponentRelease): string {
  return canonicalJson({ model, copies, resources: { ...resources } });
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
});

/** The release that `revisionOf` wrote down. */
export function releaseOfRevision(written: string): ComponentRelease {
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), release), written);
  if (result.success) return result.output;
  throw new Failure("internal", "What ran before was written down in a form that cannot be read.");
}

/** What is released for an order. */
export function orderedRelease({ promotion }: Order, { copies, resources }: ComponentTarget): ComponentRelease {
  return { model: promotion, copies, resources };
}

/**
 * What SageMaker is told to run. How a container starts, is cached and where it is placed is for whoever runs the endpoint:
 * what the component says of it now is said again, since an update replaces its specification.
 */
export function specificationOf(
  { model, resources }: ComponentRelease,
  now?: InferenceComponentSpecificationSummary,
): InferenceComponentSpecification {
  const { memoryMegabytes, mostMemoryMegabytes, cpuCores, accelerators } = resources;
  return {
    ModelName: model,
    ComputeResourceRequirements: {
      MinMemoryRequiredInMb: memoryMegabytes,
      ...(mostMemoryMegabytes === undefined ? {} : { MaxMemoryRequiredInMb: mostMemoryMegabytes }),
      ...(cpuCores === undefined ? {} : { NumberOfCpuCoresRequired: cpuCores }),
      ...(accelerators === undefined ? {} : { NumberOfAcceleratorDevicesRequired: accelerators }),
    },
    ...(now?.StartupParameters === undefined ? {} : { StartupParameters: now.StartupParameters }),
    ...(now?.DataCacheConfig === undefined ? {} : { DataCacheConfig: now.DataCacheConfig }),
    ...(now?.SchedulingConfig === undefined ? {} : { SchedulingConfig: now.SchedulingConfig }),
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

/** The way back takes no more instances beside those that serve than the way there did, and waits for nothing. */
export function rollingBack({ release }: Deployment): InferenceComponentDeploymentConfig | undefined {
  const { traffic } = release;
  if (traffic.kind !== "rolling") return undefined;
  return { RollingUpdatePolicy: { ...inBatches(traffic.copies), WaitIntervalInSeconds: 0 } };
}

function inBatches(copies: number) {
  const size = { Type: "COPY_COUNT", Value: copies } as const;
  // Without a size of its own, what SageMaker takes back it would bring back all at once, beside all that is there.
  return { MaximumBatchSize: size, RollbackMaximumBatchSize: size };
}

/** Why what a component runs is not exactly what is ordered, apart from its model; `undefined`: it is. */
export function whyNotOrdered(
  { Specification: spec, Specifications: others = [] }: DescribeInferenceComponentOutput,
  { promotion, image, model }: Order,
  target: ComponentTarget,
): string | undefined {
  const container = spec?.Container;
  const deployed = [container?.DeployedImage?.SpecifiedImage, container?.DeployedImage?.ResolvedImage];
  const same =
    spec?.ModelName === promotion &&
    others.length === 0 &&
    spec.BaseInferenceComponentName === undefined &&
    deployed.every((each) => each === undefined || digestOf(each) === digestOf(image)) &&
    (container?.ArtifactUrl === undefined || container.ArtifactUrl === model.uri) &&
    Object.keys(container?.Environment ?? {}).length === 0 &&
    canonicalJson({ ...resourcesIn(spec) }) === canonicalJson({ ...target.resources });
  return same
    ? undefined
    : `The inference component '${target.endpoint}' does not run the approved model as it was approved: somebody changed its container or its resources.`;
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
