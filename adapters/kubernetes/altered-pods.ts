import type { Deployment, Progress } from "../../core/deployment/deployment-target.ts";
import type { KubernetesTarget } from "../../core/promotion/target.ts";
import type { KubernetesObject } from "./cluster.ts";
import { fetcherName } from "./served-release.ts";
import { itemsIn, memberOf } from "./workload-kinds.ts";

/**
 * How a release goes, unless one of its pods runs another image than was approved: that is the one thing of a pod that changes what
 * it runs and may be changed once it runs, behind whatever asks for it.
 * https://kubernetes.io/docs/concepts/workloads/pods/#pod-update-and-replacement
 */
export function asApproved(
  standing: Pick<Progress, "kind" | "why" | "percent" | "unwell">,
  pods: readonly KubernetesObject[],
  deployment: Deployment,
  target: KubernetesTarget,
): Pick<Progress, "kind" | "why" | "percent" | "unwell"> {
  const { kind } = standing;
  if (kind !== "serving" && kind !== "sharing" && kind !== "under-way") return standing;
  const altered = pods.find((pod) => isRunning(pod) && isAlteredPod(pod, deployment, target));
  if (altered === undefined) return standing;
  const name = `${target.namespace}/${String(memberOf(altered, "metadata")["name"])}`;
  return {
    kind: "unhealthy",
    why: `The Pod '${name}' runs another image than was approved: somebody changed it.`,
  };
}

/** What has ended, or is about to, answers nobody. */
export function isRunning(pod: KubernetesObject): boolean {
  const { phase } = memberOf(pod, "status");
  return phase !== "Succeeded" && phase !== "Failed" && memberOf(pod, "metadata")["deletionTimestamp"] === undefined;
}

/** Whether one of its images is another than was ordered. */
export function isAlteredPod(
  pod: KubernetesObject,
  { image }: Pick<Deployment, "image">,
  { container, fetcher }: KubernetesTarget,
): boolean {
  const spec = memberOf(pod, "spec");
  const images = [...itemsIn(spec, "initContainers"), ...itemsIn(spec, "containers")];
  const runs = (name: string, approved: string) =>
    images.every((each) => each["name"] !== name || digestIn(String(each["image"])) === digestIn(approved));
  return !runs(container, image) || !runs(fetcherName, fetcher);
}

/** A cluster may take the same bytes from another registry: what they are is the digest. */
function digestIn(image: string): string {
  return image.slice(image.indexOf("@") + 1);
}
