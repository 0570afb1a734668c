import { addSeconds, type Instant } from "../encoding/instant.ts";
import type { ConditionsInForce } from "../promotion/release-conditions.ts";
import type { KubernetesTarget } from "../promotion/target.ts";
import { type Release, waitsOf } from "../promotion/traffic.ts";
import type { Deployment } from "./deployment-target.ts";

/**
 * Why a workload on Kubernetes could not be released under conditions. Bounds are watched by the metrics that its target
 * names; a part of the traffic is held by a Rollout, in steps, or by an InferenceService, where its target lets Countersign write it.
 */
export function whyNotKeptInCluster(
  { traffic, errorPercent, p95Milliseconds }: ConditionsInForce,
  target: KubernetesTarget,
  kind: Release["kind"],
): string | undefined {
  const { name, metrics, workload } = target;
  if ((errorPercent !== undefined || p95Milliseconds !== undefined) && metrics === undefined)
    return `The target '${name}' cannot keep conditions on errors or latency: it names no 'metrics' that anybody could look at.`;
  if (p95Milliseconds !== undefined && metrics?.p95Seconds === undefined)
    return `The target '${name}' cannot keep the condition on latency: its 'metrics' do not say how fast its answers are.`;
  if (traffic === undefined) return undefined;
  const cannot = (why: string) => `The target '${name}' cannot keep the condition on the share of traffic: ${why}`;
  switch (workload) {
    case "deployment":
      return cannot("a Deployment replaces its pods one after the other, and holds no part of the traffic.");
    case "inference-service":
    case "rollout":
      break;
    default:
      return workload satisfies never;
  }
  if (target.traffic === undefined)
    return cannot("it does not say 'traffic', so what part its workload gives is not ours to write.");
  return kind === "first"
    ? cannot("nothing runs there yet, so the first release takes all traffic at once.")
    : undefined;
}

/** Why a Rollout serves alone too early: its own controller holds the steps, and whoever may write its status ends a pause. */
export function whyPauseSkipped({ target, release, startedAt }: Deployment, now: Instant): string | undefined {
  if (target.kind !== "kubernetes" || target.workload !== "rollout" || target.traffic === undefined) return undefined;
  if (release.kind === "first" || startedAt === undefined) return undefined;
  return now < addSeconds(startedAt, waitsOf(release.traffic))
    ? "It gets all requests before the time of its steps is over: somebody skipped a pause of the Rollout."
    : undefined;
}
