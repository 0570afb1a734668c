import type { KubernetesTarget } from "../../core/promotion/target.ts";
import type { Cluster, KubernetesObject } from "./cluster.ts";
import { itemsIn, memberOf, pods, replicaSets, workloadKinds } from "./workload-kinds.ts";

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#api */
export function selectorOf(object: KubernetesObject): string {
  const selector = memberOf(memberOf(object, "spec"), "selector");
  const equal = Object.entries(memberOf(selector, "matchLabels")).map(([key, value]) => `${key}=${String(value)}`);
  const others = itemsIn(selector, "matchExpressions").map(({ key, operator, values }) => {
    const among = Array.isArray(values) ? ` (${values.map(String).join(",")})` : "";
    return operator === "DoesNotExist"
      ? `!${String(key)}`
      : `${String(key)}${setOperators[String(operator)] ?? ""}${among}`;
  });
  return [...equal, ...others].join(",");
}

const setOperators: Readonly<Record<string, string>> = { In: " in", NotIn: " notin" };

/** Whether a workload's controller made a ReplicaSet for it. */
export function isOwnedBy(
  object: KubernetesObject,
  workload: KubernetesTarget["workload"],
  replicas: KubernetesObject,
): boolean {
  const { name } = memberOf(object, "metadata");
  const { kind } = workloadKinds[workload].resource;
  return ownersOf(replicas).some((owner) => owner["kind"] === kind && owner["name"] === name);
}

/** The name of the ReplicaSet that made a pod; `undefined` where none did. */
export function replicaSetOf(pod: KubernetesObject): string | undefined {
  const owner = ownersOf(pod).find(({ kind }) => kind === "ReplicaSet");
  return owner === undefined ? undefined : String(owner["name"]);
}

export function ownersOf(object: KubernetesObject): readonly KubernetesObject[] {
  return itemsIn(memberOf(object, "metadata"), "ownerReferences");
}

/** What has ended, or is about to, answers nobody. */
export function isRunning(pod: KubernetesObject): boolean {
  const { phase } = memberOf(pod, "status");
  return phase !== "Succeeded" && phase !== "Failed" && memberOf(pod, "metadata")["deletionTimestamp"] === undefined;
}

/**
 * The name of a pod that has the labels by which a workload finds its own, and so commonly those by which its Service does, and that
 * none of its ReplicaSets made; `undefined`: there is none.
 */
export async function strayPod(
  cluster: Cluster,
  { namespace, workload }: Pick<KubernetesTarget, "namespace" | "workload">,
  { object, found }: SelectedPods,
): Promise<string | undefined> {
  // KServe makes what belongs to an InferenceService in more than one way, and its pods by ReplicaSets in each of them.
  const stray =
    workload === "inference-service"
      ? found.find((pod) => replicaSetOf(pod) === undefined)
      : await madeByOthers(cluster, { namespace, workload }, { object, found });
  return stray === undefined ? undefined : `${namespace}/${nameOf(stray)}`;
}

async function madeByOthers(
  cluster: Cluster,
  { namespace, workload }: Pick<KubernetesTarget, "namespace" | "workload">,
  { object, found }: SelectedPods,
): Promise<KubernetesObject | undefined> {
  if (found.length === 0) return undefined;
  const own = (await cluster.list(replicaSets, namespace, selectorOf(object))).filter((set) =>
    isOwnedBy(object, workload, set),
  );
  const known = new Set(own.map(nameOf));
  const suspects = found.filter((pod) => !known.has(replicaSetOf(pod) ?? ""));
  if (suspects.length === 0) return undefined;
  // By other labels than its pods', or gone since: then it takes them with it.
  const all = new Map((await cluster.list(replicaSets, namespace, "")).map((set) => [nameOf(set), set]));
  return suspects.find((pod) => {
    const maker = replicaSetOf(pod);
    if (maker === undefined) return true;
    const set = all.get(maker);
    return set !== undefined && !isOwnedBy(object, workload, set);
  });
}

/**
 * A pod of a workload in which somebody started a container beside those that it was made with, for debugging, and the container's
 * name. It stays with the pod for as long as that is there, also once it has ended.
 * https://kubernetes.io/docs/concepts/workloads/pods/ephemeral-containers/
 */
export function debuggedPod(
  found: readonly KubernetesObject[],
): { readonly pod: string; readonly container: string } | undefined {
  for (const pod of found) {
    const [added] = itemsIn(memberOf(pod, "spec"), "ephemeralContainers");
    if (added === undefined) continue;
    const { namespace, name } = memberOf(pod, "metadata");
    return { pod: `${String(namespace)}/${String(name)}`, container: String(added["name"]) };
  }
  return undefined;
}

/** A workload, and its pods as `runningPods` has them. */
interface SelectedPods {
  readonly object: KubernetesObject;
  readonly found: readonly KubernetesObject[];
}

/** All that have the labels by which a workload, or the Services that KServe makes for it, find their pods. */
export async function runningPods(
  cluster: Cluster,
  { namespace, workload }: Pick<KubernetesTarget, "namespace" | "workload">,
  object: KubernetesObject,
): Promise<readonly KubernetesObject[]> {
  const selectors = workload === "inference-service" ? selectorsOfKServe(nameOf(object)) : [selectorOf(object)];
  const lists = await Promise.all(selectors.map((selector) => cluster.list(pods, namespace, selector)));
  return [...new Map(lists.flat().map((pod) => [nameOf(pod), pod])).values()].filter(isRunning);
}

/** The label of all of its pods, and the one that its Service looks for where there is no Knative. */
function selectorsOfKServe(name: string): readonly string[] {
  return [`serving.kserve.io/inferenceservice=${name}`, `app=isvc.${name}-predictor`];
}

function nameOf(object: KubernetesObject): string {
  return String(memberOf(object, "metadata")["name"]);
}
