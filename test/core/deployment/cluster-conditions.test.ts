import { describe, expect, it } from "vitest";
import { whyPauseSkipped } from "../../../core/deployment/cluster-conditions.ts";
import { limitsOf, whyNotKept } from "../../../core/deployment/conditions.ts";
import type { Deployment } from "../../../core/deployment/deployment-target.ts";
import { releaseFor } from "../../../core/deployment/release.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import type { ConditionsInForce } from "../../../core/promotion/release-conditions.ts";
import type { KubernetesTarget } from "../../../core/promotion/target.ts";

const metrics = {
  namespace: "monitoring",
  service: "prometheus",
  port: 80,
  requests: "r",
  errors: "e",
  p95Seconds: "p",
};
const target: KubernetesTarget = {
  name: "cluster",
  kind: "kubernetes",
  endpoint: "scoring",
  cluster: "c",
  namespace: "n",
  workload: "rollout",
  container: "scorer",
  fetcher: "f",
  port: 8080,
  readinessPath: "/ping",
  metrics,
  traffic: { kind: "all-at-once", waitSeconds: 0 },
};
const share: ConditionsInForce = { forSeconds: 60, traffic: { percent: 10, forSeconds: 60 } };
const bounds: ConditionsInForce = { forSeconds: 60, errorPercent: 1, p95Milliseconds: 100 };
const { metrics: _, ...unmeasured } = target;
const { p95Seconds: __, ...withoutLatency } = metrics;
const { traffic: ___, ...ownSteps } = target;

describe("a Rollout that serves alone", () => {
  const startedAt = "2026-11-26T10:00:00.000Z" as Instant;
  const traffic = { kind: "canary", percent: 10, waitSeconds: 300 } as const;
  const deployment = {
    promotion: `p-${"1".repeat(32)}-1` as PromotionId,
    target,
    image: "i",
    model: { uri: "s3://a/b", versionId: "v", sha256: sha256Hex(new Uint8Array()) },
    release: { kind: "update", traffic },
    startedAt,
  } as const satisfies Deployment;

  it("does so too early before the pauses of its steps are over", () => {
    expect(whyPauseSkipped(deployment, addSeconds(startedAt, 599))).toBe(
      "It gets all requests before the time of its steps is over: somebody skipped a pause of the Rollout.",
    );
    expect(whyPauseSkipped(deployment, addSeconds(startedAt, 600))).toBeUndefined();
  });

  it.each<[string, Partial<Deployment>]>([
    ["a first release, which has no steps", { release: { kind: "first", traffic } }],
    ["steps that are its own", { target: ownSteps }],
    ["another kind of workload", { target: { ...target, workload: "inference-service" } }],
    [
      "another kind of target",
      { target: { ...target, kind: "sagemaker-endpoint" } as unknown as Deployment["target"] },
    ],
  ])("is not judged so for %s", (_name, change) => {
    expect(whyPauseSkipped({ ...deployment, ...change }, startedAt)).toBeUndefined();
  });

  it("is not judged so where nobody knows when it began", () => {
    const { startedAt: _begun, ...unknown } = deployment;
    expect(whyPauseSkipped(unknown, startedAt)).toBeUndefined();
  });
});

describe("conditions on Kubernetes", () => {
  it("are kept by a Rollout whose steps are ours to write and that somebody measures", () => {
    expect(whyNotKept({ ...share, ...bounds }, target, "update")).toBeUndefined();
  });

  it("are kept by any workload that somebody measures, as far as they are bounds; also by a first release", () => {
    for (const workload of ["deployment", "inference-service", "rollout"] as const)
      expect(whyNotKept(bounds, { ...ownSteps, workload }, "first")).toBeUndefined();
  });

  it("are kept by an InferenceService, which holds a part by weight for any time until it is given another", () => {
    const service: KubernetesTarget = { ...target, workload: "inference-service" };
    const long: ConditionsInForce = { forSeconds: 90_000, traffic: { percent: 7, forSeconds: 90_000 } };
    expect(whyNotKept(long, service, "update")).toBeUndefined();
    expect(releaseFor(service, "something", limitsOf(long, service)).traffic).toEqual({
      kind: "weights",
      steps: [{ percent: 7, waitSeconds: 90_000 }],
    });
    // A Rollout has steps of its own for it.
    expect(releaseFor(target, "something", limitsOf(long, target)).traffic).toEqual({
      kind: "canary",
      percent: 7,
      waitSeconds: 90_000,
    });
  });

  it("are kept for a time alone by anything", () => {
    expect(whyNotKept({ forSeconds: 60 }, unmeasured, "update")).toBeUndefined();
  });

  it.each<[string, KubernetesTarget, ConditionsInForce, "first" | "update", string]>([
    ["nothing measures errors", unmeasured, { forSeconds: 60, errorPercent: 1 }, "update", "it names no 'metrics'"],
    [
      "nothing measures latency",
      { ...target, metrics: withoutLatency },
      { forSeconds: 60, p95Milliseconds: 100 },
      "update",
      "do not say how fast its answers are",
    ],
    [
      "a Deployment would hold a part",
      { ...ownSteps, workload: "deployment" },
      share,
      "update",
      "a Deployment replaces its pods",
    ],
    [
      "nothing measures latency, though nobody asks about errors",
      unmeasured,
      { forSeconds: 60, p95Milliseconds: 100 },
      "update",
      "it names no 'metrics'",
    ],
    ["the steps are the Rollout's own", ownSteps, share, "update", "it does not say 'traffic'"],
    ["there is nothing to take traffic from", target, share, "first", "nothing runs there yet"],
  ])("are refused where %s", (_name, where, conditions, kind, why) => {
    expect(whyNotKept(conditions, where, kind)).toContain(why);
  });
});
