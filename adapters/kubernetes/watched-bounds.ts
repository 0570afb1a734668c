import type { Deployment, Progress } from "../../core/deployment/deployment-target.ts";
import { whyBeyond } from "../../core/deployment/measured-bounds.ts";
import { secondsBetweenLooks } from "../../core/deployment/release.ts";
import { Failure } from "../../core/failure.ts";
import type { KubernetesTarget } from "../../core/promotion/target.ts";
import type { Cluster } from "./cluster.ts";
import { measuredIn, podsNamed } from "./prometheus.ts";
import { annotation } from "./served-release.ts";
import { memberOf, pods } from "./workload-kinds.ts";

/** What is looked at, at least; longer where it is looked at less often, so that nothing goes by unseen. */
const leastWindowSeconds = 300;

/** Asks once what would be asked while it is watched, so that a query that nobody understands shows before people are asked. */
export async function requireMetrics(cluster: Cluster, { metrics }: KubernetesTarget): Promise<void> {
  if (metrics !== undefined)
    await measuredIn(cluster, metrics, { pods: podsNamed([]), windowSeconds: leastWindowSeconds });
}

const judgedKinds: readonly Progress["kind"][] = ["under-way", "sharing", "serving"];

/**
 * How it goes, with what the pods of the promotion answered: beyond a bound it should not serve. Nothing is asked of what goes
 * back, is gone, or is unwell in any case.
 */
export async function withinBounds(
  cluster: Cluster,
  target: KubernetesTarget,
  deployment: Deployment,
  progress: Progress,
): Promise<Progress> {
  const { alarms } = deployment.release;
  if (alarms === undefined || !judgedKinds.includes(progress.kind)) return progress;
  if (alarms.kind !== "own" || target.metrics === undefined)
    throw new Failure("internal", "A release on Kubernetes is watched by alarms that nothing there keeps.");
  const windowSeconds = secondsBetweenLooks(
    deployment.release,
    deployment.target,
    leastWindowSeconds,
    // Between two looks there is never more than when it is old.
    Number.POSITIVE_INFINITY,
  );
  const found = await cluster.list(pods, target.namespace, `${annotation.promotion}=${deployment.promotion}`);
  const names = found.map((pod) => String(memberOf(pod, "metadata")["name"]));
  const measured = await measuredIn(cluster, target.metrics, { pods: podsNamed(names), windowSeconds });
  const why = whyBeyond(alarms, measured);
  const evidence = { ...progress.evidence, measured: { ...measured, pods: names.length, windowSeconds } };
  if (why === undefined) return { ...progress, evidence };
  return {
    kind: "unhealthy",
    unwell: true,
    why: `In the last ${windowSeconds} seconds it ${why}. ${progress.why}`,
    evidence,
  };
}
