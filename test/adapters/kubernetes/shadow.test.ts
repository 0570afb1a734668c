import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Cluster, KubernetesObject } from "../../../adapters/kubernetes/cluster.ts";
import { kubernetesTarget } from "../../../adapters/kubernetes/deployment-target.ts";
import { kubernetesShadow } from "../../../adapters/kubernetes/shadow.ts";
import { httpRoutes, services } from "../../../adapters/kubernetes/shadow-documents.ts";
import { endShadowIn } from "../../../adapters/kubernetes/shadow-end.ts";
import { memberOf, workloadKinds } from "../../../adapters/kubernetes/workload-kinds.ts";
import type { ShadowStanding } from "../../../core/deployment/shadow-target.ts";
import { instantFromMs } from "../../../core/encoding/instant.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import type { KubernetesTarget } from "../../../core/promotion/target.ts";
import type { JsonObject } from "../../../local/aws/json-shape.ts";
import { localCluster, shipped } from "../../local/kubernetes/setup.ts";
import { type Candidate, deployment, target as direct, order, release, servedBy, settledIn } from "./releases.ts";

let asked: URLSearchParams[] = [];
const measured = new Map([
  ["requests-shadow", 40.4],
  ["errors-shadow", 1],
  ["p95-shadow", 0.2],
  ["requests", 41],
]);
const cluster = localCluster({
  services: {
    "monitoring/prometheus-server:80": (_, query) => {
      asked.push(query);
      const text = query.get("query") ?? "";
      const value = measured.get(`${text.split("{")[0]}${text.includes("-shadow-") ? "-shadow" : ""}`);
      const result = value === undefined ? [] : [{ metric: {}, value: [1, String(value)] }];
      return { status: 200, body: { status: "success", data: { resultType: "vector", result } } as JsonObject };
    },
  },
});
const target: KubernetesTarget = {
  ...direct,
  mirror: { route: "credit-scoring", service: "credit-scoring" },
  metrics: {
    namespace: "monitoring",
    service: "prometheus-server",
    port: 80,
    requests: 'requests{pod=~"$pods"}[$window]',
    errors: 'errors{pod=~"$pods"}[$window]',
    p95Seconds: 'p95{pod=~"$pods"}[$window]',
  },
};
const shadow = kubernetesShadow(() => cluster.as("SHADOWER"));
const at = (second: number) => instantFromMs(Date.UTC(2026, 10, 26, 10, 0, second));
const rules = [
  { matches: [{ path: { value: "/" } }], backendRefs: [{ name: "credit-scoring", port: 8080 }] },
  { backendRefs: [{ name: "other", port: 80 }], filters: [{ type: "URLRewrite" }] },
];

beforeEach(async () => {
  asked = [];
  const admin = cluster.kubernetes;
  const { resource: deployments } = workloadKinds.deployment;
  for (const resource of [deployments, services, httpRoutes])
    for (const name of ["credit-scoring", "credit-scoring-shadow"]) admin.remove(resource, "models", name);
  admin.apply("{ apiVersion: v1, kind: Namespace, metadata: { name: monitoring } }");
  for (const each of [shipped.metrics, shipped.shadow, shipped.admission, shipped.noOtherPods]) admin.apply(each);
  const route = {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "HTTPRoute",
    metadata: { name: "credit-scoring", namespace: "models" },
  };
  admin.apply(JSON.stringify({ ...route, spec: { rules } }));
});

describe("a candidate in shadow of a Deployment", () => {
  it("gets copies of the requests that go to what answers, once it is ready, and nobody hears it", async () => {
    const run = await running();
    expect(run.run.beside).toMatch(/^p-1{32}-1 \([0-9a-f]{12}\)$/);
    expect(memberOf(route(), "spec")["rules"]).toEqual([
      {
        ...rules[0],
        filters: [
          {
            type: "RequestMirror",
            requestMirror: { backendRef: { name: "credit-scoring-shadow", port: 8080 } },
          },
        ],
      },
      rules[1],
    ]);
    expect(await servedBy(cluster.kubernetes)).toBe("champion");
    expect(await shadow.check(run)).toEqual({ kind: "running" });
    const labels = memberOf(memberOf(read("Deployment", "credit-scoring-shadow"), "metadata"), "labels");
    expect(labels).not.toHaveProperty(["countersign.example/model"]);
  });

  it("is measured beside what answers, from the beginning to the end of the run", async () => {
    const { run, ...given } = await running();
    const over = { ...given, run: { ...run, since: at(0), endedAt: at(50) } };
    expect(await shadow.measure(over, at(59))).toEqual({
      champion: { invocations: 41, errors4xx: 0, errors5xx: 0 },
      candidate: { invocations: 40, errors4xx: 0, errors5xx: 1, latencyP95Milliseconds: 200 },
    });
    const [one] = asked.slice(-6);
    expect(one?.get("query")).toBe('requests{pod=~"credit-scoring-[a-z0-9]+-[a-z0-9]{5}"}[50s]');
    expect(one?.get("time")).toBe(at(50));
  });

  it("is gone afterwards: the route is as it was, and nothing carries its label", async () => {
    const given = await running();
    expect(await vi.waitFor(() => gone(given), 15_000)).toBe("gone");
    expect(memberOf(route(), "spec")["rules"]).toEqual(rules);
    expect(read("Deployment", "credit-scoring-shadow")).toEqual({});
    expect(read("Service", "credit-scoring-shadow")).toEqual({});
    expect(await servedBy(cluster.kubernetes)).toBe("champion");
  });

  it("takes nothing away from another that came into shadow at the same moment", async () => {
    const given = await begun();
    let left = 1;
    const late = kubernetesShadow(async () => {
      const shadower = await cluster.as("SHADOWER");
      const get: Cluster["get"] = async (...asked) => {
        const found = await shadower.get(...asked);
        // After the last of what is looked at before.
        if (asked[0] === httpRoutes && left-- > 0) await shadow.start(order("broken", target), given.run.beside);
        return found;
      };
      return { ...shadower, get };
    });
    const before = () => [read("Deployment", "credit-scoring-shadow"), read("Service", "credit-scoring-shadow")];
    await expect(late.start(order("candidate", target), given.run.beside)).rejects.toMatchObject({
      code: "unavailable",
      message: "Another candidate runs in shadow of the Deployment 'models/credit-scoring'.",
    });
    const specs = before().map((each) => memberOf(each, "spec"));
    expect(JSON.stringify(specs)).toContain(order("broken").promotion);
    expect(JSON.stringify(specs)).not.toContain(order("candidate").promotion);
  });

  it("is ended by clean-up as well, wherever the run had come to", async () => {
    const given = await begun();
    await shadow.start(order("candidate", target), given.run.beside);
    const byCleanUp = () => endShadowIn(() => cluster.as("DEPLOYER"), given);
    await vi.waitFor(async () => expect(await byCleanUp()).toBe("gone"), 15_000);
    expect(read("Deployment", "credit-scoring-shadow")).toEqual({});
    // There is nothing left to end, and nothing to complain of.
    expect(await byCleanUp()).toBe("gone");
  });

  it("that cannot load its model did not come up, with the reason", async () => {
    const given = await begun("broken");
    await shadow.start(order("broken", target), given.run.beside);
    await vi.waitFor(async () => {
      cluster.deadlinesPass();
      expect(await shadow.check(given)).toMatchObject({
        kind: "alone",
        failure: expect.stringContaining("CrashLoopBackOff"),
      });
    }, 15_000);
  });
});

describe("a run in shadow is lost", () => {
  it.each<[string, () => void, ShadowStanding]>([
    [
      "where somebody deploys something else beside it",
      () => removed("credit-scoring"),
      { kind: "lost", why: "The Deployment 'models/credit-scoring' runs something else by now: somebody changed it." },
    ],
    [
      "where somebody removes the candidate",
      () => removed("credit-scoring-shadow"),
      { kind: "lost", why: "The candidate was removed." },
    ],
    ["where somebody takes the mirror away", () => routeBy({ rules }), { kind: "alone" }],
  ])("%s", async (_, change, standing) => {
    const run = await running();
    change();
    expect(await shadow.check(run)).toEqual(standing);
  });
});

describe("before a run begins", () => {
  it("another candidate's is waited for, and neither touched nor ended", async () => {
    const given = await running();
    expect(await shadow.footing(order("broken", target))).toMatchObject({
      kind: "later",
      why: "Another candidate runs in shadow of the Deployment 'models/credit-scoring'.",
    });
    await expect(shadow.start(order("broken", target), given.run.beside)).rejects.toMatchObject({
      code: "unavailable",
    });
    const other = { ...given, promotion: order("broken").promotion };
    expect(await shadow.end(other)).toBe("gone");
    expect(await shadow.check(given)).toEqual({ kind: "running" });
  });

  it("there may be nothing that answers", async () => {
    expect(await shadow.footing(order("candidate", target))).toEqual({ kind: "nothing" });
  });

  it("what answered may have been taken out of service, and be there without a replica", async () => {
    await begun();
    const scaled = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "credit-scoring", namespace: "models" },
    };
    cluster.kubernetes.apply(JSON.stringify({ ...scaled, spec: { replicas: 0 } }));
    expect(await shadow.footing(order("candidate", target))).toEqual({ kind: "nothing" });
  });

  it.each<[string, KubernetesObject, string]>([
    ["leads elsewhere", { rules: [rules[1] ?? {}] }, "leads no requests to the service 'credit-scoring'"],
    [
      "mirrors for somebody else",
      {
        rules: [
          { ...rules[0], filters: [{ type: "RequestMirror", requestMirror: { backendRef: { name: "audit" } } }] },
        ],
      },
      "mirrors requests for somebody else",
    ],
  ])("the route %s", async (_, spec, why) => {
    await begun();
    routeBy(spec);
    expect(await shadow.footing(order("candidate", target))).toMatchObject({
      kind: "impossible",
      why: expect.stringContaining(why),
    });
  });

  it("the name may be too long for anybody to tell the pods of both", async () => {
    await begun();
    const long = kubernetesShadow(async () => {
      const opened = await cluster.as("SHADOWER");
      const get: Cluster["get"] = (resource, namespace, name) =>
        opened.get(resource, namespace, name.replace(/^m+/, "credit-scoring"));
      return { ...opened, get };
    });
    const footing = (length: number) => long.footing(order("candidate", { ...target, endpoint: "m".repeat(length) }));
    expect(await footing(49)).toMatchObject({ kind: "possible" });
    expect(await footing(50)).toMatchObject({
      kind: "impossible",
      why: expect.stringContaining("more than 49 characters"),
    });
  });

  it("the target may name no mirror, or a route that is not there", async () => {
    const { mirror: _, ...unmirrored } = target;
    expect(await shadow.footing(order("candidate", unmirrored))).toMatchObject({
      kind: "impossible",
      why: expect.stringContaining("names no 'mirror'"),
    });
    await begun();
    cluster.kubernetes.remove(httpRoutes, "models", "credit-scoring");
    expect(await shadow.footing(order("candidate", target))).toMatchObject({
      why: expect.stringContaining("there is no HTTPRoute 'models/credit-scoring'"),
    });
  });
});

describe("who puts candidates in shadow", () => {
  it("may change nothing that answers, and bring nothing that claims to be approved", async () => {
    await begun();
    const own = await cluster.as("SHADOWER");
    const { resource } = workloadKinds.deployment;
    const named = (name: string, labels: KubernetesObject = {}) => ({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name, namespace: "models", labels },
      spec: { template: { spec: { containers: [{ name: "scorer", image: "x:1" }] } } },
    });
    await expect(own.apply(resource, "models", named("credit-scoring"), true)).rejects.toThrow(
      "The cluster forbids it",
    );
    await expect(
      own.apply(resource, "models", named("credit-scoring-shadow", { "countersign.example/model": "true" }), true),
    ).rejects.toThrow("Models are brought here by Countersign");
    await expect(
      own.apply(resource, "models", named("credit-scoring-shadow", { "countersign.example/shadow": "p" }), true),
    ).rejects.toThrow("Every image of a model's workload is named by its digest");
  });
});

/** The champion answers, and a run of the candidate was asked for. */
async function begun(name: Candidate = "candidate") {
  const champion = kubernetesTarget(() => cluster.as());
  await champion.start(order("champion", target), release);
  await settledIn(champion, deployment("champion", target));
  const footing = await shadow.footing(order(name, target));
  const beside = footing.kind === "possible" ? footing.beside : expect.unreachable(footing.kind);
  const run = { plan: sha256Hex(new Uint8Array()), askedAt: at(0), beside };
  return { ...order(name, target), run };
}

/** The candidate gets copies. */
async function running() {
  const given = await begun();
  await vi.waitFor(async () => {
    await shadow.start(order("candidate", target), given.run.beside);
    expect(await shadow.check(given)).toEqual({ kind: "running" });
  }, 15_000);
  return given;
}

async function gone(given: Awaited<ReturnType<typeof begun>>): Promise<string> {
  const end = await shadow.end(given);
  expect(end).toBe("gone");
  return end;
}

function removed(name: string): void {
  cluster.kubernetes.remove(workloadKinds.deployment.resource, "models", name);
}

function routeBy(spec: KubernetesObject): void {
  const metadata = { name: "credit-scoring", namespace: "models" };
  cluster.kubernetes.apply(
    JSON.stringify({ apiVersion: "gateway.networking.k8s.io/v1", kind: "HTTPRoute", metadata, spec }),
  );
}

function route(): KubernetesObject {
  return cluster.kubernetes.read("gateway.networking.k8s.io/v1", "HTTPRoute", "models", "credit-scoring") ?? {};
}

function read(kind: "Deployment" | "Service", name: string): KubernetesObject {
  return cluster.kubernetes.read(kind === "Service" ? "v1" : "apps/v1", kind, "models", name) ?? {};
}
