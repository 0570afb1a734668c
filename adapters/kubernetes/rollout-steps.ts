import { Failure } from "../../core/failure.ts";
import type { KubernetesTarget } from "../../core/promotion/target.ts";
import type { Traffic } from "../../core/promotion/traffic.ts";
import type { KubernetesObject } from "./cluster.ts";
import { memberOf } from "./workload-kinds.ts";

/**
 * The steps by which a Rollout lets traffic come over; the pause after the last lets it go back while what ran before still
 * stands. https://argo-rollouts.readthedocs.io/en/stable/features/canary/
 */
export function rolloutSteps(traffic: Traffic): readonly KubernetesObject[] {
  const held = (percent: number, waitSeconds: number): readonly KubernetesObject[] => [
    { setWeight: percent },
    ...(waitSeconds === 0 ? [] : [{ pause: { duration: `${waitSeconds}s` } }]),
  ];
  switch (traffic.kind) {
    case "all-at-once":
      return held(100, traffic.waitSeconds);
    case "canary":
      return [...held(traffic.percent, traffic.waitSeconds), ...held(100, traffic.waitSeconds)];
    case "linear": {
      const { percent, waitSeconds } = traffic;
      const steps = Math.ceil(100 / percent);
      return Array.from({ length: steps }, (_, step) => held(Math.min(100, (step + 1) * percent), waitSeconds)).flat();
    }
    case "rolling":
      throw new Failure("internal", "Nothing in a cluster is released in batches of copies.");
    case "weights":
      return traffic.steps.flatMap(({ percent, waitSeconds }) => held(percent, waitSeconds));
    default:
      return traffic satisfies never;
  }
}

/** Why a Rollout could not let traffic come over by weights, in words that follow its name. */
export function whyNoWeights(rollout: KubernetesObject, { traffic }: KubernetesTarget): string | undefined {
  if (traffic === undefined) return undefined;
  const strategy = memberOf(memberOf(rollout, "spec"), "strategy");
  if (strategy["canary"] === undefined) return "has no canary strategy, whose steps could be written";
  return memberOf(strategy, "canary")["trafficRouting"] === undefined
    ? "has no 'trafficRouting': it would split traffic by counting pods, and hold no part exactly"
    : undefined;
}
