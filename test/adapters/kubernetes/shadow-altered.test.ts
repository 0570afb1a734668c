import { beforeEach, describe, expect, it, vi } from "vitest";
import type { KubernetesObject } from "../../../adapters/kubernetes/cluster.ts";
import { kubernetesTarget } from "../../../adapters/kubernetes/deployment-target.ts";
import { kubernetesShadow } from "../../../adapters/kubernetes/shadow.ts";
import { httpRoutes, services, shadowDocuments } from "../../../adapters/kubernetes/shadow-documents.ts";
import { whyToldOtherwise } from "../../../adapters/kubernetes/told-beside.ts";
import { itemsIn, memberOf, pods, replicaSets, workloadKinds } from "../../../adapters/kubernetes/workload-kinds.ts";
import { instantFromMs } from "../../../core/encoding/instant.ts";
import { type Sha256, sha256Hex } from "../../../core/encoding/sha256.ts";
import type { JsonObject } from "../../../local/aws/json-shape.ts";
import { localCluster, shipped } from "../../local/kubernetes/setup.ts";
import { deployment, target as direct, order, release, settledIn } from "./releases.ts";

// Without the admission policies, which would refuse each of these changes.
const cluster = localCluster({
  services: {
    "monitoring/prometheus-server:80": () => {
      return { status: 200, body: { status: "success", data: { resultType: "vector", result: [] } } as JsonObject };
    },
  },
});
const target = {
  ...direct,
  mirror: { route: "credit-scoring", service: "credit-scoring" },
  metrics: {
    ...{ namespace: "monitoring", service: "prometheus-server", port: 80 },
    requests: 'requests{pod=~"$pods"}[$window]',
    errors: 'errors{pod=~"$pods"}[$window]',
  },
};
const ordered = order("candidate", target);
const shadow = kubernetesShadow(() => cluster.as("SHADOWER"));
const rules = [{ backendRefs: [{ name: "credit-scoring", port: 8080 }] }];
const changed = "The candidate in shadow is not what was frozen any more: somebody changed it.";
const otherwise =
  "The Pod 'models/theirs' gets the candidate's requests and runs something else than was frozen: somebody changed it.";
const elsewhere =
  "The Service 'models/credit-scoring-shadow' leads to something else than the candidate: somebody changed it.";

beforeEach(() => {
  const admin = cluster.kubernetes;
  const { resource: deployments } = workloadKinds.deployment;
  for (const resource of [deployments, services, httpRoutes])
    for (const name of ["credit-scoring", "credit-scoring-shadow"]) admin.remove(resource, "models", name);
  admin.remove(pods, "models", "theirs");
  admin.remove(replicaSets, "models", "credit-scoring-shadow-theirs");
  admin.apply("{ apiVersion: v1, kind: Namespace, metadata: { name: monitoring } }");
  for (const each of [shipped.metrics, shipped.shadow]) admin.apply(each);
  const metadata = { name: "credit-scoring", namespace: "models" };
  const route = { apiVersion: "gateway.networking.k8s.io/v1", kind: "HTTPRoute", metadata, spec: { rules } };
  admin.apply(JSON.stringify(route));
});

describe("what gets the copies is another than was frozen", () => {
  it.each<[string, () => unknown, string]>([
    ["the candidate fetches what answers already", () => shadowBy({ initContainers: [fetching("champion")] }), changed],
    [
      "the candidate is given a command",
      () => shadowBy({ containers: [{ name: "scorer", command: ["cat"] }] }),
      changed,
    ],
    [
      "another container may write where the model lies",
      () =>
        shadowBy({
          containers: [
            { name: "beside", image: "x:1", volumeMounts: [{ name: "countersign-model", mountPath: "/theirs" }] },
          ],
        }),
      changed,
    ],
    ["the Service leads to what answers", () => serviceBy({ "app.kubernetes.io/name": "credit-scoring" }), elsewhere],
    ["the Service leads to some of its pods alone", () => serviceBy({ theirs: "true" }), elsewhere],
    ["the Service is gone", () => cluster.kubernetes.remove(services, "models", "credit-scoring-shadow"), elsewhere],
    ["a pod of somebody's carries its name", () => podBeside(), otherwise],
    ["the image of a pod of the candidate's is another", () => ownPod(withImage("containers")), otherwise],
    ["the image of what fetches in one is another", () => ownPod(withImage("initContainers")), otherwise],
    [
      "a pod of the candidate's is somebody's own, which may be given another command",
      () => podBeside("candidate"),
      "The Pod 'models/theirs' gets the candidate's requests, and was not made for it: somebody put it there.",
    ],
    [
      "pods are there of what the candidate was told to run for a moment",
      () => replicaSetBeside(),
      "The ReplicaSet 'models/credit-scoring-shadow-theirs' has pods that get the candidate's requests, and asks for something else than was frozen: somebody changed it.",
    ],
    [
      "somebody debugs a pod of the candidate's",
      () => ownPod(debugged),
      "In the Pod 'models/theirs', which gets the candidate's requests, somebody started the container 'debugger-x7k2': it may have changed what answers.",
    ],
  ])("where %s: the run is lost", async (_, change, why) => {
    const run = await running();
    await change();
    expect(await shadow.check(run)).toEqual({ kind: "lost", why });
  });

  it("before the run begins: no request is copied to it", async () => {
    const given = await begun();
    await shadow.start(ordered, given.run.beside);
    shadowBy({ initContainers: [fetching("champion")] });
    await vi.waitFor(
      () =>
        expect(shadow.start(ordered, given.run.beside)).rejects.toMatchObject({
          code: "deployment-refused",
          message: changed,
        }),
      15_000,
    );
    expect(memberOf(read("gateway.networking.k8s.io/v1", "HTTPRoute", "credit-scoring"), "spec")["rules"]).toEqual(
      rules,
    );
  });

  it("is none where there are more of it, or where it is told what its target names", async () => {
    const run = await running();
    shadowBy({ containers: [{ name: "scorer", env: [{ name: "LOCALE", value: "de" }] }] }, 2);
    const whole = read("apps/v1", "Deployment", "credit-scoring-shadow");
    const [, told = ""] = /'told: ([0-9a-f]{64})'/.exec(whyToldOtherwise(whole, target) ?? "") ?? [];
    await vi.waitFor(async () => {
      expect(await shadow.check({ ...run, target: { ...target, told: told as Sha256 } })).toEqual({ kind: "running" });
    }, 15_000);
    expect(await shadow.check(run)).toEqual({ kind: "lost", why: changed });
  });
});

/** The champion answers, and a run of the candidate was asked for. */
async function begun() {
  const champion = kubernetesTarget(() => cluster.as());
  await champion.start(order("champion", target), release);
  await settledIn(champion, deployment("champion", target));
  const footing = await shadow.footing(ordered);
  const beside = footing.kind === "possible" ? footing.beside : expect.unreachable(footing.kind);
  const askedAt = instantFromMs(Date.UTC(2026, 10, 26, 10));
  return { ...ordered, run: { plan: sha256Hex(new Uint8Array()), askedAt, beside } };
}

/** The candidate gets copies. */
async function running() {
  const given = await begun();
  await vi.waitFor(async () => {
    await shadow.start(ordered, given.run.beside);
    expect(await shadow.check(given)).toEqual({ kind: "running" });
  }, 15_000);
  return given;
}

function shadowBy(pod: KubernetesObject, replicas?: number): void {
  const spec = { template: { spec: pod }, ...(replicas === undefined ? {} : { replicas }) };
  applied("apps/v1", "Deployment", "credit-scoring-shadow", { spec });
}

function serviceBy(selector: KubernetesObject): void {
  applied("v1", "Service", "credit-scoring-shadow", { spec: { selector } });
}

/** It serves what answers already, or what was frozen. */
function podBeside(of: "champion" | "candidate" = "champion", ownerReferences: readonly KubernetesObject[] = []): void {
  const template = templateOf(of);
  const labels = { "app.kubernetes.io/name": "credit-scoring-shadow" };
  applied("v1", "Pod", "theirs", { metadata: { labels, ownerReferences }, spec: memberOf(template, "spec") });
}

/** One of the candidate's own, as its ReplicaSet made it, and what somebody made of it. */
async function ownPod(change: (spec: KubernetesObject) => KubernetesObject): Promise<void> {
  const shadower = await cluster.as("SHADOWER");
  const [made] = await shadower.list(replicaSets, "models", "app.kubernetes.io/name=credit-scoring-shadow");
  const template = templateOf("candidate");
  const labels = memberOf(memberOf(template, "metadata"), "labels");
  const ownerReferences = [
    {
      apiVersion: "apps/v1",
      kind: "ReplicaSet",
      name: memberOf(made ?? expect.unreachable(), "metadata")["name"] ?? "",
    },
  ];
  applied("v1", "Pod", "theirs", {
    metadata: { labels, ownerReferences },
    spec: change(memberOf(template, "spec")),
  });
}

/** What `kubectl debug` adds. */
function debugged(spec: KubernetesObject): KubernetesObject {
  const ephemeralContainers = [{ name: "debugger-x7k2", image: "busybox:1", targetContainerName: "scorer" }];
  return { ...spec, ephemeralContainers };
}

/** What `kubectl set image` makes of containers of one kind. */
function withImage(of: "containers" | "initContainers") {
  const image = `theirs@sha256:${"0".repeat(64)}`;
  return (spec: KubernetesObject) => ({ ...spec, [of]: itemsIn(spec, of).map((each) => ({ ...each, image })) });
}

function replicaSetBeside(): void {
  const template = templateOf("candidate");
  const [serving = {}] = itemsIn(memberOf(template, "spec"), "containers");
  const spec = { ...memberOf(template, "spec"), containers: [{ ...serving, command: ["cat"] }] };
  const labels = { "app.kubernetes.io/name": "credit-scoring-shadow" };
  const ownerReferences = [
    { apiVersion: "apps/v1", kind: "Deployment", name: "credit-scoring-shadow", uid: "theirs", controller: true },
  ];
  applied("apps/v1", "ReplicaSet", "credit-scoring-shadow-theirs", {
    metadata: { labels, ownerReferences },
    spec: { replicas: 1, selector: { matchLabels: labels }, template: { ...template, spec } },
  });
  podBeside("candidate", [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: "credit-scoring-shadow-theirs" }]);
}

function templateOf(of: "champion" | "candidate"): KubernetesObject {
  return memberOf(memberOf(shadowDocuments(order(of, target), target, 1).deployment, "spec"), "template");
}

function applied(apiVersion: string, kind: string, name: string, given: KubernetesObject): void {
  const metadata = { name, namespace: "models", ...memberOf(given, "metadata") };
  cluster.kubernetes.apply(JSON.stringify({ apiVersion, kind, ...given, metadata }), "kubectl-edit");
}

/** The container that fetches the model, told of another. */
function fetching(name: "champion"): KubernetesObject {
  const { podOf } = workloadKinds.deployment;
  const { spec } = podOf(shadowDocuments(order(name, target), target, 1).deployment);
  const [fetcher = {}] = itemsIn(spec, "initContainers");
  return { name: fetcher["name"] ?? "", env: fetcher["env"] ?? [] };
}

function read(apiVersion: string, kind: string, name: string): KubernetesObject {
  return cluster.kubernetes.read(apiVersion, kind, "models", name) ?? expect.unreachable(name);
}
