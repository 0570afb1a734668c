import { beforeEach, describe, expect, it, vi } from "vitest";
import type { KubernetesObject } from "../../../adapters/kubernetes/cluster.ts";
import { kubernetesTarget } from "../../../adapters/kubernetes/deployment-target.ts";
import { itemsIn, memberOf, replicaSets, workloadKinds } from "../../../adapters/kubernetes/workload-kinds.ts";
import { limitsOf } from "../../../core/deployment/conditions.ts";
import type { Deployment } from "../../../core/deployment/deployment-target.ts";
import { releaseFor } from "../../../core/deployment/release.ts";
import type { Json } from "../../../core/encoding/canonical-json.ts";
import type { KubernetesTarget } from "../../../core/promotion/target.ts";
import type { JsonObject } from "../../../local/aws/json-shape.ts";
import { localCluster, scorerImage, shipped } from "../../local/kubernetes/setup.ts";
import { deployment, target as direct, order, release, settledIn, update } from "./releases.ts";

const answers = new Map<string, { readonly status: number; readonly body: JsonObject }>();
let asked: string[] = [];
const cluster = localCluster({
  services: {
    "monitoring/prometheus-server:80": (path, query) => {
      asked.push(`${path}?${query.get("query")}`);
      const name = (query.get("query") ?? "").split("{")[0] ?? "";
      return answers.get(name) ?? vector();
    },
  },
});
const metrics = {
  namespace: "monitoring",
  service: "prometheus-server",
  port: 80,
  requests: 'requests{pod=~"$pods"}[$window]',
  errors: 'errors{pod=~"$pods"}[$window]',
  p95Seconds: 'p95{pod=~"$pods"}[$window]',
};
const target: KubernetesTarget = {
  ...direct,
  workload: "rollout",
  metrics,
  traffic: { kind: "all-at-once", waitSeconds: 0 },
};
const kubernetes = kubernetesTarget(() => cluster.as());
const conditions = { forSeconds: 600, errorPercent: 1, p95Milliseconds: 200, traffic: { percent: 10, forSeconds: 60 } };
const careful = releaseFor(target, "something", limitsOf(conditions, target));

beforeEach(() => {
  asked = [];
  answers.clear();
  answers.set("requests", vector(200));
  answers.set("errors", vector(1));
  answers.set("p95", vector(0.15));
  const admin = cluster.kubernetes;
  admin.apply("{ apiVersion: v1, kind: Namespace, metadata: { name: monitoring } }");
  admin.apply(shipped.metrics);
  admin.remove(workloadKinds.rollout.resource, "models", "credit-scoring");
});

describe("a Rollout under conditions", () => {
  it("gives the new model the part of the traffic that was approved, for as long, and then the rest", async () => {
    const next = await begun();
    await canaryGets(10);
    expect(steps()).toEqual([
      { setWeight: 10 },
      { pause: { duration: "60s" } },
      { setWeight: 100 },
      { pause: { duration: "60s" } },
    ]);
    expect(await kubernetes.check(next)).toMatchObject({
      kind: "under-way",
      evidence: { measured: { requests: 200, errors: 1, p95Milliseconds: 150, pods: 1, windowSeconds: 300 } },
    });
    const { promotion } = next;
    expect(await kubernetes.describeRunning(target)).toMatchObject({
      ...{ promotion, changingTo: promotion, beside: order("champion").promotion },
    });
    cluster.deadlinesPass();
    await canaryGets(100);
    cluster.deadlinesPass();
    expect((await settledIn(kubernetes, next)).kind).toBe("serving");
    expect(await kubernetes.describeRunning(target)).not.toHaveProperty("beside");
    const [pod = ""] = asked.filter((each) => each.includes("requests")).slice(-1);
    expect(pod).toMatch(/^\/api\/v1\/query\?requests\{pod=~"credit-scoring-[0-9a-f]+-0"\}\[300s\]$/);
  });

  it.each([
    ["more errors", "errors", 3, "answered 1.5 percent of its requests with an error, and 1 is the most"],
    ["slower answers", "p95", 0.3, "took more than 300 ms for 5 of 100 answers, and 200 is the most"],
  ])("goes back for %s than that, and the old model has all traffic again", async (_, name, value, why) => {
    const next = await begun();
    await canaryGets(10);
    answers.set(name, vector(value));
    expect(await kubernetes.check(next)).toMatchObject({
      kind: "unhealthy",
      why: expect.stringContaining(`In the last 300 seconds it ${why}.`),
    });
    await kubernetes.rollBack(next);
    expect((await settledIn(kubernetes, next)).kind).toBe("returned");
    // What goes back is not judged by what it answered.
    expect((await kubernetes.check(next)).evidence).not.toHaveProperty("measured");
  });

  it("is held against what was approved with the ReplicaSet beside it, which somebody may have changed", async () => {
    await begun();
    await canaryGets(10);
    const champion = deployment("champion", target);
    expect(await kubernetes.whyAlteredBeside?.(champion)).toBeUndefined();
    expect(await kubernetes.whyAlteredBeside?.(deployment("candidate", target))).toBeUndefined();
    const name = `credit-scoring-${String(status()["stableRS"])}`;
    const set = cluster.kubernetes.read("apps/v1", "ReplicaSet", "models", name) ?? {};
    const { metadata = {}, spec: pod = {} } = memberOf(memberOf(set, "spec"), "template");
    const changed = (over: KubernetesObject, said: Json = metadata) => {
      const { labels = {} } = memberOf(set, "metadata");
      const spec = { template: { metadata: said, spec: { ...(pod as KubernetesObject), ...over } } };
      const of = { name, namespace: "models", labels };
      cluster.kubernetes.remove(replicaSets, "models", name);
      cluster.kubernetes.apply(JSON.stringify({ apiVersion: "apps/v1", kind: "ReplicaSet", metadata: of, spec }));
    };
    changed({
      containers: [{ ...itemsIn(pod as KubernetesObject, "containers")[0], image: "theirs.example/scorer:1" }],
    });
    expect(await kubernetes.describeRunning(target)).toMatchObject({ beside: champion.promotion });
    expect(await kubernetes.whyAlteredBeside?.(champion)).toBe(
      `The ReplicaSet models/${name} answers beside what is asked for, and is not what was approved any more: somebody changed it.`,
    );
    changed({
      containers: [{ ...itemsIn(pod as KubernetesObject, "containers")[0], command: ["python", "/theirs.py"] }],
    });
    expect(await kubernetes.whyAlteredBeside?.(champion)).toContain("is not what was approved any more");
    changed({}, {});
    const { beside, unknownBeside } = await kubernetes.describeRunning(target);
    expect([beside, unknownBeside]).toEqual([undefined, `ReplicaSet models/${name}`]);
  });

  it("cannot be judged where Prometheus does not answer: it is asked again", async () => {
    const next = await begun();
    answers.set("requests", { status: 503, body: {} });
    await expect(kubernetes.check(next)).rejects.toMatchObject({
      code: "unavailable",
      message: "Prometheus does not answer at the moment (503).",
    });
  });

  it.each([
    ["in their place", () => [{ setWeight: 90 }]],
    ["behind them", (steps: readonly Json[]) => [...steps, { setWeight: 10 }]],
  ])("is noticed where somebody writes other steps %s", async (_, write) => {
    const next = await begun();
    await canaryGets(10);
    byHand({
      strategy: {
        canary: {
          steps: write(itemsIn(memberOf(memberOf(memberOf(rollout(), "spec"), "strategy"), "canary"), "steps")),
        },
      },
    });
    expect(await kubernetes.check(next)).toMatchObject({
      kind: "unhealthy",
      why: expect.stringContaining("somebody changed it"),
    });
  });
});

describe("before people are asked it is refused", () => {
  it.each<[string, KubernetesObject, string]>([
    ["that counts pods", { canary: {} }, "has no 'trafficRouting': it would split traffic by counting pods"],
    ["without a canary", { blueGreen: {} }, "has no canary strategy, whose steps could be written"],
  ])("for a Rollout %s", async (_, strategy, why) => {
    byHand({ strategy, template });
    expect(await kubernetes.preflight(order("candidate", target), () => careful)).toEqual({
      kind: "impossible",
      why: expect.stringContaining(why),
    });
  });

  it("for bounds where the target names no metrics", async () => {
    const { metrics: _, ...unmeasured } = target;
    installed();
    expect(await kubernetes.preflight(order("candidate", unmeasured), () => careful)).toMatchObject({
      kind: "impossible",
      why: expect.stringContaining("names no 'metrics'"),
    });
  });

  it.each<[string, { readonly status: number; readonly body: JsonObject }, string]>([
    [
      "that Prometheus does not understand",
      { status: 400, body: { status: "error", error: "parse error: unexpected end" } },
      "Prometheus does not understand a query of the target: parse error: unexpected end",
    ],
    ["with several results", vector(1, 2), "has 2 results (vector); it has to come to one number"],
    [
      "with a matrix",
      { status: 200, body: { status: "success", data: { resultType: "matrix", result: [] } } },
      "(matrix)",
    ],
  ])("for a query %s", async (_, answer, why) => {
    installed();
    answers.set("errors", answer);
    await expect(kubernetes.preflight(order("candidate", target), () => release)).rejects.toMatchObject({
      code: "deployment-refused",
      message: expect.stringContaining(why),
    });
  });

  it("for a Prometheus that the cluster does not let us ask", async () => {
    installed();
    const elsewhere = { ...target, metrics: { ...metrics, service: "grafana" } };
    await expect(kubernetes.preflight(order("candidate", elsewhere), () => release)).rejects.toMatchObject({
      message: expect.stringMatching(/^The cluster forbids it: .* does not let it get services\/proxy "grafana/),
    });
  });
});

const template = { spec: { containers: [{ name: "scorer", image: scorerImage }] } };

/** The champion runs, and the candidate has begun under conditions. */
async function begun(): Promise<Deployment> {
  installed();
  await kubernetes.start(order("champion", target), update);
  const { revision: previous = "" } = await kubernetes.describeRunning(target);
  await settledIn(kubernetes, { ...deployment("champion", target), previous: "{}" });
  await kubernetes.start(order("candidate", target), careful);
  return { ...deployment("candidate", target, careful), previous };
}

function installed(): void {
  byHand({ strategy: { canary: { trafficRouting: { plugins: {} } } }, template });
}

function byHand(spec: KubernetesObject): void {
  const metadata = { name: "credit-scoring", namespace: "models" };
  const document = { apiVersion: "argoproj.io/v1alpha1", kind: "Rollout", metadata, spec };
  cluster.kubernetes.apply(JSON.stringify(document), `kubectl-${Object.keys(spec).length}`);
}

function rollout(): KubernetesObject {
  return cluster.kubernetes.read("argoproj.io/v1alpha1", "Rollout", "models", "credit-scoring") ?? {};
}

function status(): KubernetesObject {
  return memberOf(rollout(), "status");
}

function steps(): unknown {
  return memberOf(memberOf(memberOf(rollout(), "spec"), "strategy"), "canary")["steps"];
}

/** Waits for it: a pod takes longer on a busy machine than the second that is waited where nothing is said. */
async function canaryGets(percent: number): Promise<void> {
  await vi.waitFor(() => expect(memberOf(status(), "canary")).toEqual(weights(percent)), 15_000);
}

function weights(canary: number) {
  return { weights: { canary: { weight: canary }, stable: { weight: 100 - canary } } };
}

function vector(...values: readonly number[]) {
  const result = values.map((value) => ({ metric: {}, value: [1_790_000_000.1, String(value)] }));
  return { status: 200, body: { status: "success", data: { resultType: "vector", result } } };
}
