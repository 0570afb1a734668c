import type { Deployment, Running } from "../../core/deployment/deployment-target.ts";
import { isPromotionId, type PromotionId } from "../../core/promotion/promotion-id.ts";
import type { KubernetesTarget } from "../../core/promotion/target.ts";
import { answeringRevisions } from "./canary-share.ts";
import type { Cluster, KubernetesObject } from "./cluster.ts";
import { earlierReplicaSets, replicaSetAsWorkload, revisionAsWorkload } from "./inference-service-state.ts";
import { modelAtRisk } from "./model-folder.ts";
import { holdsAll, releaseDocument } from "./release-document.ts";
import { isOwnedBy, selectorOf } from "./selected-pods.ts";
import { annotation, releaseIn, releaseOfRevision, sameRelease } from "./served-release.ts";
import { whyToldOtherwise } from "./told-beside.ts";
import { memberOf, replicaSets, revisions, workloadKinds } from "./workload-kinds.ts";
import { releaseOf } from "./workload-standing.ts";
import { leavesToEarlier } from "./workload-state.ts";

/** An earlier version of a workload, which answers beside what the workload asks for. */
interface Version {
  /** `ReplicaSet models/scorer-5d9c` */
  readonly name: string;
  /** As the workload would ask for it. */
  readonly asWorkload: KubernetesObject;
  /** It answers until what is asked for has come: that it is of another promotion, which was approved, says nothing. */
  readonly givesWay: boolean;
}

/**
 * What answers beside what the workload asks for. The workload itself does not say it: a Rollout names the hash of what is
 * stable, an InferenceService a revision. Both are looked at themselves, since a revision may have no pods until somebody asks it.
 */
export async function besideIn(
  cluster: Cluster,
  target: KubernetesTarget,
  object: KubernetesObject,
  asked: PromotionId | undefined,
): Promise<Pick<Running, "beside" | "unknownBeside" | "givingWay">> {
  const versions = await versionsBeside(cluster, target, object);
  const beside = versions
    .filter(({ givesWay }) => !givesWay)
    .map((version) => promotionOf(version, target))
    .find((each) => each !== undefined && each !== asked);
  const [givingWay] = versions.flatMap((version) => {
    const promotion = promotionOf(version, target);
    const isOther = version.givesWay && promotion !== undefined && promotion !== asked;
    return isOther ? [{ name: version.name, promotion }] : [];
  });
  const unknown = versions.find((version) => promotionOf(version, target) === undefined);
  return {
    ...(beside === undefined ? {} : { beside }),
    ...(unknown === undefined ? {} : { unknownBeside: unknown.name }),
    ...(givingWay === undefined ? {} : { givingWay }),
  };
}

/** Why what answers beside it, and says that it is of the deployment's promotion, is not what was approved. */
export async function whyAlteredBeside(
  cluster: Cluster,
  target: KubernetesTarget,
  object: KubernetesObject,
  deployment: Deployment,
): Promise<string | undefined> {
  for (const version of await versionsBeside(cluster, target, object))
    if (promotionOf(version, target) === deployment.promotion && isAltered(version, target, deployment))
      return `The ${version.name} answers beside what is asked for, and is not what was approved any more: somebody changed it.`;
  return undefined;
}

/**
 * Why what answers the other requests is not what ran before. KServe decides by a status that may be of before its last change, and may
 * give them to the revision before that: https://github.com/kserve/kserve/pull/2097
 */
export async function whyNotPrevious(
  cluster: Cluster,
  target: KubernetesTarget,
  object: KubernetesObject,
  previous: string,
): Promise<string | undefined> {
  const before = releaseOfRevision(previous);
  const other = (await versionsBeside(cluster, target, object)).find(({ asWorkload }) => {
    const answers = releaseIn(asWorkload, target);
    return answers === undefined || !sameRelease(answers, before);
  });
  return other === undefined ? undefined : `The ${other.name} answers the other requests, and is not what ran before.`;
}

function promotionOf({ asWorkload }: Version, target: KubernetesTarget): PromotionId | undefined {
  const promotion = workloadKinds[target.workload].podOf(asWorkload).labels[annotation.promotion];
  return isPromotionId(promotion) ? promotion : undefined;
}

function isAltered({ asWorkload }: Version, target: KubernetesTarget, deployment: Deployment): boolean {
  const { podOf } = workloadKinds[target.workload];
  const { approved } = releaseIn(asWorkload, target) ?? {};
  if (approved?.promotion !== deployment.promotion) return true;
  const wanted = releaseDocument(releaseOf(deployment, approved.verdict, target), target, asWorkload);
  const [{ labels, annotations, spec }, ours] = [podOf(asWorkload), podOf(wanted)];
  if (!holdsAll({ labels, annotations, spec }, { ...ours })) return true;
  if (modelAtRisk(asWorkload, target) !== undefined) return true;
  // What KServe tells a container of a revision on its way there is not documented; Knative lets nobody change it afterwards.
  return target.workload !== "inference-service" && whyToldOtherwise(asWorkload, target) !== undefined;
}

async function versionsBeside(
  cluster: Cluster,
  target: KubernetesTarget,
  object: KubernetesObject,
): Promise<readonly Version[]> {
  const { namespace, workload } = target;
  switch (workload) {
    case "deployment": {
      // Whoever changes it, and once that answers puts what was approved back so that it never comes, has it asked for in vain.
      if (!leavesToEarlier(memberOf(object, "status"), workload)) return [];
      const found = await cluster.list(replicaSets, namespace, selectorOf(object));
      const own = found.filter((each) => isOwnedBy(object, workload, each) && hasReplicas(each));
      // By when it has to have come, its controller sees to; by one that is an hour away nobody waits for that.
      const givesWay = Number(memberOf(object, "spec")["progressDeadlineSeconds"] ?? 600) <= longestDeadline;
      return own.map((each) => ({ ...replicaSet(namespace, each), givesWay }));
    }
    case "inference-service": {
      const answering = answeringRevisions(object);
      const found = await Promise.all(answering.map(({ name }) => cluster.get(revisions, namespace, name)));
      const known = found.flatMap((revision, at) => {
        if (revision === undefined) return [];
        const name = `Revision ${namespace}/${String(memberOf(revision, "metadata")["name"])}`;
        const givesWay = answering[at]?.latestReady === true;
        return [{ name, asWorkload: revisionAsWorkload(revision), givesWay }];
      });
      const earlier = await earlierReplicaSets(cluster, target, object);
      return [
        ...known,
        ...earlier.map((each) => ({
          ...replicaSet(namespace, each),
          asWorkload: replicaSetAsWorkload(each),
          givesWay: true,
        })),
      ];
    }
    case "rollout": {
      const { stableRS, currentPodHash } = memberOf(object, "status");
      if (typeof stableRS !== "string" || stableRS === "" || stableRS === currentPodHash) return [];
      const found = await cluster.list(replicaSets, namespace, `rollouts-pod-template-hash=${stableRS}`);
      return found.map((each) => ({ ...replicaSet(namespace, each), givesWay: false }));
    }
    default:
      return workload satisfies never;
  }
}

/** Seconds that a Deployment may take to come, by its own word; Kubernetes gives it 600. */
const longestDeadline = 3600;

function replicaSet(namespace: string, each: KubernetesObject): Omit<Version, "givesWay"> {
  return {
    name: `ReplicaSet ${namespace}/${String(memberOf(each, "metadata")["name"])}`,
    asWorkload: { spec: { template: memberOf(memberOf(each, "spec"), "template") } },
  };
}

function hasReplicas(replicas: KubernetesObject): boolean {
  return Number(memberOf(replicas, "status")["replicas"] ?? 0) > 0;
}
