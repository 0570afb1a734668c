import type { Deployment, Progress } from "../../core/deployment/deployment-target.ts";
import type { Json } from "../../core/encoding/canonical-json.ts";
import type { KubernetesTarget } from "../../core/promotion/target.ts";
import type { Cluster, KubernetesObject } from "./cluster.ts";
import { isRunning, replicaSetOf, selectorOf } from "./selected-pods.ts";
import { fetcherName } from "./served-release.ts";
import { itemsIn, memberOf, pods, replicaSets } from "./workload-kinds.ts";

/**
 * How a release goes, unless one of its pods runs another image than was approved: that is the one thing of a pod that changes what
 * it runs and may be changed once it runs, behind whatever asks for it.
 * https://kubernetes.io/docs/concepts/workloads/pods/#pod-update-and-replacement
 */
export function asApproved(
  standing: Pick<Progress, "kind" | "why" | "percent" | "unwell">,
  { running, altered: why }: { readonly running: readonly KubernetesObject[]; readonly altered: string | undefined },
  deployment: Deployment,
  target: KubernetesTarget,
): Pick<Progress, "kind" | "why" | "percent" | "unwell"> {
  const { kind } = standing;
  if (kind !== "serving" && kind !== "sharing" && kind !== "under-way") return standing;
  if (why !== undefined) return { kind: "unhealthy", why };
  const altered = running.find((pod) => isRunning(pod) && isAlteredPod(pod, deployment, target));
  if (altered === undefined) return standing;
  const name = `${target.namespace}/${String(memberOf(altered, "metadata")["name"])}`;
  return {
    kind: "unhealthy",
    why: `The Pod '${name}' runs another image than was approved: somebody changed it.`,
  };
}

/**
 * Why one of its pods does not run what its ReplicaSet asks for, whatever labels it carries: those by which Countersign finds pods
 * are in no selector, and may be taken from one together with its image.
 */
export async function whyPodAltered(
  cluster: Cluster,
  target: KubernetesTarget,
  object: KubernetesObject | undefined,
): Promise<string | undefined> {
  if (object === undefined || target.workload === "inference-service") return undefined;
  const selector = selectorOf(object);
  const [sets, found] = await Promise.all([
    cluster.list(replicaSets, target.namespace, selector),
    cluster.list(pods, target.namespace, selector),
  ]);
  const asked = new Map(sets.map((set) => [memberOf(set, "metadata")["name"], imagesIn(templateOf(set))]));
  for (const pod of found) {
    const { name } = memberOf(pod, "metadata");
    const images = asked.get(replicaSetOf(pod));
    if (images === undefined || !isRunning(pod)) continue;
    for (const [container, image] of imagesIn(memberOf(pod, "spec")))
      if (images.has(container) && digestIn(images.get(container) ?? "") !== digestIn(image))
        return `The Pod '${target.namespace}/${String(name)}' runs another image than its ReplicaSet asks for: somebody changed it.`;
  }
  return undefined;
}

function templateOf(set: KubernetesObject): KubernetesObject {
  return memberOf(memberOf(memberOf(set, "spec"), "template"), "spec");
}

function imagesIn(spec: KubernetesObject): ReadonlyMap<Json | undefined, string> {
  const containers = [...itemsIn(spec, "initContainers"), ...itemsIn(spec, "containers")];
  return new Map(containers.map(({ name, image }) => [name, String(image)]));
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
