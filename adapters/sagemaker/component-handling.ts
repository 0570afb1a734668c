import type {
  InferenceComponentSpecification,
  InferenceComponentSpecificationSummary,
} from "@aws-sdk/client-sagemaker";
import type { ComponentHandling } from "../../core/promotion/target.ts";

type Told = Pick<InferenceComponentSpecification, "StartupParameters" | "DataCacheConfig" | "SchedulingConfig">;

/** How copies start, are kept and placed, in SageMaker's words. */
export function handlingTold(handling: ComponentHandling): Told {
  const { downloadSeconds, startSeconds, caching, placement, zoneImbalance } = handling;
  return {
    ...(downloadSeconds === undefined && startSeconds === undefined
      ? {}
      : {
          StartupParameters: {
            ...(downloadSeconds === undefined ? {} : { ModelDataDownloadTimeoutInSeconds: downloadSeconds }),
            ...(startSeconds === undefined ? {} : { ContainerStartupHealthCheckTimeoutInSeconds: startSeconds }),
          },
        }),
    ...(caching === undefined ? {} : { DataCacheConfig: { EnableCaching: true } }),
    ...(placement === undefined
      ? {}
      : {
          SchedulingConfig: {
            PlacementStrategy: placement === "spread" ? "SPREAD" : "BINPACK",
            ...(zoneImbalance === undefined
              ? {}
              : { AvailabilityZoneBalance: { EnforcementMode: "PERMISSIVE", MaxImbalance: zoneImbalance } }),
          },
        }),
  };
}

/** The same, read from what a component runs. */
export function handlingIn(spec: InferenceComponentSpecificationSummary): ComponentHandling {
  const { StartupParameters: start, DataCacheConfig: cache, SchedulingConfig: scheduling } = spec;
  const { ModelDataDownloadTimeoutInSeconds: download, ContainerStartupHealthCheckTimeoutInSeconds: health } =
    start ?? {};
  const { PlacementStrategy: strategy, AvailabilityZoneBalance: zones } = scheduling ?? {
    PlacementStrategy: undefined,
  };
  return {
    ...(download === undefined ? {} : { downloadSeconds: download }),
    ...(health === undefined ? {} : { startSeconds: health }),
    ...(cache?.EnableCaching === true ? { caching: true } : {}),
    ...(strategy === undefined ? {} : { placement: strategy === "SPREAD" ? "spread" : "pack" }),
    ...(zones === undefined ? {} : { zoneImbalance: zones.MaxImbalance ?? 0 }),
  };
}
