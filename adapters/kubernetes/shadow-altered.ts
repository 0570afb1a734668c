import type { Order } from "../../core/deployment/order.ts";
import { isAlteredPod } from "./altered-pods.ts";
import type { Cluster, KubernetesObject } from "./cluster.ts";
import { modelAtRisk } from "./model-folder.ts";
import { holdsAll } from "./release-document.ts";
import { debuggedPod, isRunning, replicaSetOf, runningPods, selectorOf, strayPod } from "./selected-pods.ts";
import { fetcherName } from "./served-release.ts";
import { type MirroredTarget, services, shadowDocuments, shadowName } from "./shadow-documents.ts";
import { whyToldOtherwise } from "./told-beside.ts";
import { itemsIn, memberOf, pods, replicaSets, workloadKinds } from "./workload-kinds.ts";

/**
 * Why what gets the copies is not the order's candidate, in a sentence; `undefined` where it is. Its Deployment, where its
 * Service leads, and each pod that this leads to are held against what was put up: what was asked for once, and never comes or
 * is asked for again later, answers meanwhile.
 */
export async function whyAnotherInShadow(
  cluster: Cluster,
  target: MirroredTarget,
  order: Order,
  candidate: KubernetesObject,
): Promise<string | undefined> {
  const replicas = Number(memberOf(candidate, "spec")["replicas"] ?? 1);
  const ours = shadowDocuments(order, target, replicas);
  if (!holdsAll(candidate, ours.deployment) || toldOtherwise(candidate, target))
    return "The candidate in shadow is not what was frozen any more: somebody changed it.";
  const name = `${target.namespace}/${shadowName(target)}`;
  if (!leadsAsOurs(await cluster.get(services, target.namespace, shadowName(target)), ours.service))
    return `The Service '${name}' leads to something else than the candidate: somebody changed it.`;
  const selector = `app.kubernetes.io/name=${shadowName(target)}`;
  const found = await cluster.list(pods, target.namespace, selector);
  const fetching = fetcherIn(workloadKinds.deployment.podOf(ours.deployment).spec);
  const other = found.find(
    (pod) =>
      isRunning(pod) &&
      (isAlteredPod(pod, order, target) || !holdsAll(fetcherIn(memberOf(pod, "spec"))["env"], fetching["env"] ?? null)),
  );
  if (other === undefined) return whyMadeOtherwise(cluster, target, found, { candidate, ours: ours.deployment });
  const pod = `${target.namespace}/${String(memberOf(other, "metadata")["name"])}`;
  return `The Pod '${pod}' gets the candidate's requests and runs something else than was frozen: somebody changed it.`;
}

/** What a pod runs beside its images cannot be changed while it runs: it is what the ReplicaSet asks for that made it. */
async function whyMadeOtherwise(
  cluster: Cluster,
  target: MirroredTarget,
  found: readonly KubernetesObject[],
  { candidate, ours }: { readonly candidate: KubernetesObject; readonly ours: KubernetesObject },
): Promise<string | undefined> {
  const { namespace } = target;
  const own = { namespace, workload: "deployment" } as const;
  const running = await runningPods(cluster, own, candidate);
  const stray = await strayPod(cluster, own, { object: candidate, found: running });
  if (stray !== undefined)
    return `The Pod '${stray}' gets the candidate's requests, and was not made for it: somebody put it there.`;
  const debugged = debuggedPod(running);
  if (debugged !== undefined)
    return `In the Pod '${debugged.pod}', which gets the candidate's requests, somebody started the container '${debugged.container}': it may have changed what answers.`;
  const template = memberOf(memberOf(ours, "spec"), "template");
  const sets = await cluster.list(replicaSets, namespace, selectorOf(candidate));
  const makers = new Set(found.filter(isRunning).map(replicaSetOf));
  const other = sets
    .filter((set) => makers.has(String(memberOf(set, "metadata")["name"])))
    .map((set) => ({ set, asked: memberOf(memberOf(set, "spec"), "template") }))
    .find(({ asked }) => !holdsAll(asked, template) || toldOtherwise({ spec: { template: asked } }, target));
  return other === undefined
    ? undefined
    : `The ReplicaSet '${namespace}/${String(memberOf(other.set, "metadata")["name"])}' has pods that get the candidate's requests, and asks for something else than was frozen: somebody changed it.`;
}

/** We tell its containers nothing; that whoever runs the cluster tells them what the target names is no other program. */
function toldOtherwise(candidate: KubernetesObject, target: MirroredTarget): boolean {
  const asDeployment = { ...target, workload: "deployment" } as const;
  if (modelAtRisk(candidate, asDeployment) !== undefined) return true;
  const { told, ...untold } = asDeployment;
  if (whyToldOtherwise(candidate, untold) === undefined) return false;
  return told === undefined || whyToldOtherwise(candidate, asDeployment) !== undefined;
}

/** One label more, and it leads to some of the pods alone; a name in DNS, and to none of them. */
function leadsAsOurs(service: KubernetesObject | undefined, ours: KubernetesObject): boolean {
  const spec = memberOf(service ?? {}, "spec");
  const { type = "ClusterIP", selector = null } = spec;
  return (
    service !== undefined &&
    type !== "ExternalName" &&
    holdsAll(service, ours) &&
    holdsAll(memberOf(ours, "spec")["selector"], selector)
  );
}

function fetcherIn(spec: KubernetesObject): KubernetesObject {
  return itemsIn(spec, "initContainers").find(({ name }) => name === fetcherName) ?? {};
}
