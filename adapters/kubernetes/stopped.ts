import { Failure } from "../../core/failure.ts";
import type { KubernetesTarget } from "../../core/promotion/target.ts";
import type { Cluster, KubernetesObject } from "./cluster.ts";
import { annotation, isOurs } from "./served-release.ts";
import { memberOf, workloadKinds } from "./workload-kinds.ts";

/**
 * Who owns the count of a workload that was taken out of service. Another than who owns what runs, which is applied without a count: what
 * an owner leaves out of what it applies is removed.
 */
const stopManager = "countersign-stop";

/** Whether the workload is taken out of service by scaling it to nothing: whoever runs the cluster made it, and alone removes it. */
export function isScaledAway(object: KubernetesObject, target: KubernetesTarget): boolean {
  // KServe has no count of its own that is nothing for good: it scales up with the next request.
  return !isOurs(object) && target.workload !== "inference-service";
}

/** Whether we scaled it to nothing, and nobody has scaled it up since. */
export function isStopped(object: KubernetesObject): boolean {
  return replicasBefore(object) !== undefined && memberOf(object, "spec")["replicas"] === 0;
}

/** Whether nothing of what was stopped answers any more. */
export function isGone(object: KubernetesObject): boolean {
  const status = memberOf(object, "status");
  // A Rollout writes the generation that it has seen as text.
  const isSeen = Number(status["observedGeneration"] ?? -1) >= Number(memberOf(object, "metadata")["generation"]);
  return isSeen && Number(status["replicas"] ?? 0) === 0;
}

/** Scales it to nothing, as it was read, and keeps how many there were. */
export async function stop(cluster: Cluster, target: KubernetesTarget, object: KubernetesObject): Promise<void> {
  const { replicas } = memberOf(object, "spec");
  const before = Math.max(Number(replicas ?? 1), 1);
  await scale(cluster, target, object, { [annotation.stopped]: String(before) }, 0);
}

/** Gives it as many copies as it had. Whoever scales it by itself goes on from there. */
export async function resume(cluster: Cluster, target: KubernetesTarget, object: KubernetesObject): Promise<void> {
  await scale(cluster, target, object, {}, replicasBefore(object) ?? 1);
}

async function scale(
  cluster: Cluster,
  target: KubernetesTarget,
  object: KubernetesObject,
  annotations: KubernetesObject,
  replicas: number,
): Promise<void> {
  const { resource } = workloadKinds[target.workload];
  const { resourceVersion = "", uid } = memberOf(object, "metadata");
  const document = {
    apiVersion: `${resource.group}/${resource.version}`,
    kind: resource.kind,
    metadata: {
      ...{ name: target.endpoint, namespace: target.namespace, annotations },
      // Whoever put something else there since it was read is not stopped, and what somebody removed not made again.
      resourceVersion,
      ...(uid === undefined ? {} : { uid }),
    },
    spec: { replicas },
  };
  try {
    await cluster.apply(resource, target.namespace, document, true, stopManager);
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== "conflict") throw error;
    throw new Failure("unavailable", "The workload is being changed at the moment.", { cause: error });
  }
}

function replicasBefore(object: KubernetesObject): number | undefined {
  const written = memberOf(memberOf(object, "metadata"), "annotations")[annotation.stopped];
  return typeof written === "string" && /^[1-9]\d{0,5}$/.test(written) ? Number(written) : undefined;
}
