import type { Deployment, DeploymentEvidence, Progress } from "../../core/deployment/deployment-target.ts";
import type { KubernetesTarget } from "../../core/promotion/target.ts";
import { asApproved, whyPodAltered } from "./altered-pods.ts";
import { whyAlteredBeside, whyNotPrevious } from "./beside.ts";
import type { Cluster, KubernetesObject } from "./cluster.ts";
import { evidenceOf, podsOf, waitingFor } from "./evidence.ts";
import { debuggedPod, runningPods, strayPod } from "./selected-pods.ts";
import { releaseIn } from "./served-release.ts";
import { withinBounds } from "./watched-bounds.ts";
import { workloadName } from "./workload-standing.ts";

/** How a release goes, by the workload that was found, its pods and what they answered. */
export async function workloadProgress(
  cluster: Cluster,
  target: KubernetesTarget,
  deployment: Deployment,
  ask: {
    readonly workload: KubernetesObject | undefined;
    /** How it stands by what is asked for, where its pods wait for something. */
    readonly standing: (waiting: string | undefined) => Pick<Progress, "kind" | "why" | "percent" | "unwell">;
    /** What else is said of it. */
    readonly beside?: DeploymentEvidence;
  },
): Promise<Progress> {
  const { workload, beside = {} } = ask;
  const running = await podsOf(cluster, target, deployment.promotion);
  const evidence = { ...(await evidenceOf(cluster, target, workload, running)), ...beside };
  const seen = { running, altered: await whyPodAltered(cluster, target, workload) };
  const stands = asApproved(ask.standing(waitingFor(evidence)), seen, deployment, target);
  const others = await whyOthersShare(cluster, target, deployment, { workload, stands });
  const progress = { ...(others === undefined ? stands : ({ kind: "unhealthy", why: others } as const)), evidence };
  return promotionIn(workload, target) === deployment.promotion
    ? withinBounds(cluster, target, deployment, progress)
    : progress;
}

/** Why those requests that it was not given a part of are not answered by what ran before. Going back, it is given none. */
async function whyOthersShare(
  cluster: Cluster,
  target: KubernetesTarget,
  { previous }: Deployment,
  now: { readonly workload: KubernetesObject | undefined; readonly stands: Pick<Progress, "kind" | "percent"> },
): Promise<string | undefined> {
  const { workload, stands } = now;
  if (stands.kind !== "sharing" || stands.percent === 0) return undefined;
  if (workload === undefined || previous === undefined) return undefined;
  return whyNotPrevious(cluster, target, workload, previous);
}

/**
 * Why what answers beside what is asked for is not what was approved, in a sentence. A pod that somebody put among the workload's, or
 * debugs, is looked for by the audit alone: one that tests the workload for a moment may carry its labels, and takes no release back.
 */
export async function whyOthersAnswer(
  cluster: Cluster,
  target: KubernetesTarget,
  workload: KubernetesObject | undefined,
  deployment: Deployment,
): Promise<string | undefined> {
  if (workload === undefined) return undefined;
  const why = await whyAlteredBeside(cluster, target, workload, deployment);
  if (why !== undefined || promotionIn(workload, target) !== deployment.promotion) return why;
  const found = await runningPods(cluster, target, workload);
  const stray = await strayPod(cluster, target, { object: workload, found });
  if (stray !== undefined)
    return `The Pod '${stray}' has the labels of those of the ${workloadName(target)}, and was made by none of its ReplicaSets: it may answer the requests of its Service.`;
  const debugged = debuggedPod(found);
  return debugged === undefined
    ? undefined
    : `In the Pod '${debugged.pod}' somebody started the container '${debugged.container}' beside those that were approved (as \`kubectl debug\` does), which may have changed what runs there.`;
}

function promotionIn(workload: KubernetesObject | undefined, target: KubernetesTarget) {
  return workload === undefined ? undefined : releaseIn(workload, target)?.approved?.promotion;
}
