import type { KubernetesTarget } from "../../core/promotion/target.ts";
import { answeringRevisions, askedShare, latestRevision } from "./canary-share.ts";
import type { Cluster, KubernetesObject } from "./cluster.ts";
import { ownersOf } from "./selected-pods.ts";
import { releaseIn, sameRelease } from "./served-release.ts";
import { memberOf, replicaSets, revisions } from "./workload-kinds.ts";
import { busy, toldState, type WorkloadState } from "./workload-state.ts";

/** What KServe has made of what an InferenceService asks for. */
type Made =
  /** What the status says is of something else, or may be. */
  | { readonly kind: "not-yet"; readonly why: string }
  | { readonly kind: "coming"; readonly why: string; readonly earlier: boolean }
  | { readonly kind: "there" };

/**
 * How far an InferenceService is. Its status does not say which change it is about: `observedGeneration` is that of the Deployment, or of
 * Knative's Service, below it (https://github.com/kserve/kserve/issues/6081), and it may be Ready while that Deployment still
 * replaces its pods (https://github.com/kserve/kserve/issues/4626). So what KServe made of it is looked at as well.
 */
export async function inferenceServiceState(
  cluster: Cluster,
  target: KubernetesTarget,
  object: KubernetesObject,
): Promise<WorkloadState> {
  const made =
    latestRevision(object).created === undefined
      ? await madeWithoutKnative(cluster, target, object)
      : await madeByKnative(cluster, target, object);
  const told = toldState(memberOf(object, "status"));
  // Nobody else says that Knative refused it.
  if (made.kind === "not-yet") return busy(told.kind === "ready" ? made.why : `${made.why}, and says: ${told.why}`);
  if (made.kind === "there") return told;
  return told.kind === "ready" ? busy(made.why) : { ...told, earlier: made.earlier };
}

const unseen: Made = { kind: "not-yet", why: "KServe has not made what it asks for yet" };

async function madeByKnative(cluster: Cluster, target: KubernetesTarget, object: KubernetesObject): Promise<Made> {
  const { created = "", ready } = latestRevision(object);
  const revision = await cluster.get(revisions, target.namespace, created);
  if (revision === undefined || !isAsked(revisionAsWorkload(revision), target, object)) return unseen;
  if (created !== ready) return { kind: "coming", why: `revision ${created} is not ready yet`, earlier: true };
  // How much of a part is given, whoever asked for one looks at.
  const [other] = askedShare(object) === undefined ? answeringRevisions(object) : [];
  if (other === undefined) return { kind: "there" };
  return { kind: "coming", why: `revision ${other.name} still answers`, earlier: true };
}

async function madeWithoutKnative(cluster: Cluster, target: KubernetesTarget, object: KubernetesObject): Promise<Made> {
  const sets = await setsOf(cluster, target);
  const newest = sets.filter((set) => sets.every((other) => !isLater(other, set)));
  if (newest.length === 0 || !newest.every((set) => isAsked(replicaSetAsWorkload(set), target, object))) return unseen;
  // Until they are gone the status may be about their pods.
  if (sets.some((set) => !newest.includes(set) && count(set, "status") > 0))
    return { kind: "not-yet", why: "replicas of what ran before are still there" };
  const ready = newest.every(
    (set) => count(set, "spec") > 0 && count(set, "status", "availableReplicas") >= count(set, "spec"),
  );
  return ready ? { kind: "there" } : { kind: "coming", why: "its replicas are not all ready", earlier: false };
}

/** The ReplicaSets of an InferenceService without Knative that have pods, and ask for something else than it does now. */
export async function earlierReplicaSets(
  cluster: Cluster,
  target: KubernetesTarget,
  object: KubernetesObject,
): Promise<readonly KubernetesObject[]> {
  if (latestRevision(object).created !== undefined) return [];
  const sets = await setsOf(cluster, target);
  return sets.filter((set) => count(set, "status") > 0 && !isAsked(replicaSetAsWorkload(set), target, object));
}

/** By the labels of all pods of a predictor, and so of what makes them: https://github.com/kserve/kserve/blob/master/pkg/constants/constants.go */
function setsOf(cluster: Cluster, { namespace, endpoint }: KubernetesTarget): Promise<readonly KubernetesObject[]> {
  return cluster.list(replicaSets, namespace, `serving.kserve.io/inferenceservice=${endpoint},component=predictor`);
}

/** Whether a Deployment asks for it since; one that is asked for again is numbered anew. */
function isLater(set: KubernetesObject, than: KubernetesObject): boolean {
  const [owner, other] = [set, than].map((each) => ownersOf(each)[0]?.["name"]);
  return owner === other && numberOf(set) > numberOf(than);
}

/** https://kubernetes.io/docs/reference/labels-annotations-taints/#deployment-kubernetes-io-revision */
function numberOf(set: KubernetesObject): number {
  return Number(memberOf(memberOf(set, "metadata"), "annotations")["deployment.kubernetes.io/revision"] ?? 0);
}

/** A revision of Knative's, as the InferenceService would ask for it. */
export function revisionAsWorkload(revision: KubernetesObject): KubernetesObject {
  const { labels = {}, annotations = {} } = memberOf(revision, "metadata");
  return { spec: { predictor: { ...memberOf(revision, "spec"), labels, annotations } } };
}

/** A ReplicaSet of its Deployment, as the InferenceService would ask for it. */
export function replicaSetAsWorkload(set: KubernetesObject): KubernetesObject {
  return revisionAsWorkload(memberOf(memberOf(set, "spec"), "template"));
}

function isAsked(made: KubernetesObject, target: KubernetesTarget, object: KubernetesObject): boolean {
  const [found, wanted] = [releaseIn(made, target), releaseIn(object, target)];
  return found !== undefined && wanted !== undefined && sameRelease(found, wanted);
}

function count(set: KubernetesObject, of: "spec" | "status", name = "replicas"): number {
  return Number(memberOf(set, of)[name] ?? 0);
}
