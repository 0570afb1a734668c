import type { KubernetesTarget } from "../../core/promotion/target.ts";
import type { Cluster, KubernetesObject } from "./cluster.ts";
import { inferenceServiceState } from "./inference-service-state.ts";
import { stateOf, type WorkloadState } from "./workload-state.ts";

/** How far a workload that is there is with what it is asked to run: as its controller says, and what KServe made of it shows. */
export async function stateIn(
  cluster: Cluster,
  target: KubernetesTarget,
  object: KubernetesObject | undefined,
): Promise<WorkloadState | undefined> {
  if (object === undefined) return undefined;
  return target.workload === "inference-service"
    ? inferenceServiceState(cluster, target, object)
    : stateOf(object, target.workload);
}
