import { beforeEach, describe, expect, it, vi } from "vitest";
import { applications } from "../../../adapters/kubernetes/application-document.ts";
import { whyNotPatched } from "../../../adapters/kubernetes/application-source.ts";
import type { KubernetesObject } from "../../../adapters/kubernetes/cluster.ts";
import { kubernetesTarget } from "../../../adapters/kubernetes/deployment-target.ts";
import { itemsIn, memberOf, workloadKinds } from "../../../adapters/kubernetes/workload-kinds.ts";
import type { Deployment, Progress } from "../../../core/deployment/deployment-target.ts";
import type { KubernetesTarget } from "../../../core/promotion/target.ts";
import { localCluster, shipped } from "../../local/kubernetes/setup.ts";
import { deployment, target as direct, order, release, servedBy, settledIn } from "./releases.ts";

/** What lies in Git, and what the hook before a sync comes to. */
let git = { revision: "c1", manifests: "" };
let verdictHolds = true;
let hooks: KubernetesObject[] = [];

const cluster = localCluster({
  argoCd: {
    git: ({ path }, revision = git.revision) => {
      // Beside the models lies what somebody else keeps.
      if (path === "beside")
        return { revision, manifests: "{ apiVersion: v1, kind: Service, metadata: { name: beside } }" };
      return { revision, manifests: revision === git.revision ? git.manifests : inGit() };
    },
    runHook: async (job) => {
      hooks.push(job);
      return verdictHolds;
    },
  },
});
const target: KubernetesTarget = { ...direct, application: { name: "credit-scoring", namespace: "argocd" } };
const argoCd = kubernetesTarget(() => cluster.as());

/** As long as a busy machine takes for a sync and its pods. */
const eventually: typeof vi.waitFor = (check) => vi.waitFor(check, { timeout: 15_000, interval: 50 });

beforeEach(async () => {
  const admin = cluster.kubernetes;
  for (const { resource } of [workloadKinds.deployment, { resource: applications }])
    for (const namespace of ["models", "argocd"]) admin.remove(resource, namespace, "credit-scoring");
  [git, verdictHolds, hooks] = [{ revision: "c1", manifests: inGit() }, true, []];
  admin.apply("{ apiVersion: v1, kind: Namespace, metadata: { name: argocd } }");
  admin.apply(
    "{ apiVersion: v1, kind: Namespace, metadata: { name: models, labels: { countersign.example/models: enforced, countersign.example/delivered-by: argocd } } }",
  );
  for (const each of [shipped.argoCd, shipped.admission, shipped.applications]) admin.apply(each);
});

describe("a Deployment that Argo CD brings out of Git", () => {
  it("runs what was approved once the Application is synced to exactly that, and keeps what is in Git beside it", async () => {
    const first = await released();
    expect(await argoCd.check(first)).toMatchObject({
      kind: "serving",
      why: "The Deployment 'models/credit-scoring' serves the approved model.",
      evidence: {
        application: {
          sync: { status: "Synced", revision: "c1" },
          health: { status: "Healthy" },
          operation: { phase: "Succeeded", revision: "c1" },
        },
      },
    });
    expect(await servedBy(cluster.kubernetes)).toBe("champion");
    expect(memberOf(memberOf(workload(), "metadata"), "labels")).toMatchObject({ team: "scoring" });
    expect(await argoCd.describeRunning(target)).toMatchObject({ promotion: order("champion").promotion });
  });

  it("is asked for once: started again, nothing changes", async () => {
    await released();
    const before = memberOf(application(), "metadata")["generation"];
    await argoCd.start(order("champion", target), release);
    expect(memberOf(application(), "metadata")["generation"]).toBe(before);
  });

  it("is changing to what was asked for as long as the workload runs what ran before", async () => {
    await installed();
    const previous = await revision();
    verdictHolds = false;
    git = { ...git, manifests: inGit(hook) };
    await argoCd.start(order("champion", checked), release);
    expect(await argoCd.describeRunning(checked)).toMatchObject({
      revision: previous,
      changingTo: order("champion").promotion,
    });
  });

  it("goes back to what ran before, and nothing of the promotion is left", async () => {
    const next = await updated();
    expect((await settled(next)).kind).toBe("serving");
    await argoCd.rollBack(next);
    await argoCd.rollBack(next);
    expect(await settled(next)).toMatchObject({ kind: "returned", why: expect.stringContaining("what ran before") });
    expect(await servedBy(cluster.kubernetes)).toBe("champion");
    expect(await argoCd.cleanUp(next.promotion, target)).toEqual({ removed: [], left: [] });
    expect((await argoCd.cleanUp(order("champion").promotion, target)).left).toEqual([
      "Application 'argocd/credit-scoring'",
      "Deployment credit-scoring",
    ]);
  });

  it("is taken out of service by no replica, for it lies in Git, and nobody is asked whether it may stop", async () => {
    git = { ...git, manifests: inGit(hook) };
    await installed();
    const first = { ...deployment("champion", checked), previous: await revision() };
    await argoCd.start(order("champion", checked), release);
    await settled(first);
    const { previous: _, ...out } = first;
    [verdictHolds, hooks] = [false, []];
    await argoCd.rollBack(out);
    await argoCd.rollBack(out);
    expect(await settled(out)).toMatchObject({
      kind: "returned",
      why: "The Deployment 'models/credit-scoring' has no replica any more.",
    });
    expect([memberOf(workload(), "spec")["replicas"], hooks]).toEqual([0, []]);
    expect(await argoCd.describeRunning(checked)).toEqual({});
    expect(await argoCd.cleanUp(first.promotion, checked)).toEqual({ removed: [], left: [] });
  });

  it("comes back from that as from nothing, and goes back to it", async () => {
    const { previous: _, ...out } = await released();
    await argoCd.rollBack(out);
    await settled(out);
    expect(await argoCd.preflight(order("candidate", target), () => release)).toEqual({
      kind: "possible",
      release,
      running: {},
    });
    await argoCd.start(order("candidate", target), release);
    const next = deployment("candidate", target);
    expect(await settled(next)).toMatchObject({ kind: "serving" });
    expect(memberOf(workload(), "spec")["replicas"]).toBe(1);
    expect(await servedBy(cluster.kubernetes)).toBe("candidate");
    await argoCd.rollBack(next);
    expect(await settled(next)).toMatchObject({ kind: "returned", why: expect.stringContaining("no replica") });
  });

  it("is gone once whoever writes to Git has taken it out", async () => {
    const { previous: _, ...out } = await released();
    git = { ...git, manifests: "" };
    cluster.kubernetes.remove(workloadKinds.deployment.resource, "models", "credit-scoring");
    expect(await argoCd.check(out)).toMatchObject({ kind: "returned" });
  });

  it("may come from one of several sources, of which the others stay as they are", async () => {
    const one = { name: "models", repoURL: "https://git.example/models", path: "scoring", targetRevision: "main" };
    const other = { name: "beside", repoURL: "https://git.example/models", path: "beside", targetRevision: "main" };
    await installed({ sources: [other, one] });
    const named: KubernetesTarget = {
      ...target,
      application: { name: "credit-scoring", namespace: "argocd", source: "models" },
    };
    const next = { ...deployment("champion", named), previous: await revision() };
    expect(await argoCd.preflight(order("champion", named), () => release)).toMatchObject({ kind: "possible" });
    await argoCd.start(order("champion", named), release);
    expect(await settled(next)).toMatchObject({
      kind: "serving",
      evidence: { application: { sync: { revisions: ["c1", "c1"] }, operation: { revisions: ["c1", "c1"] } } },
    });
    expect(await servedBy(cluster.kubernetes)).toBe("champion");
    const { sources } = memberOf(application(), "spec");
    expect(sources).toEqual([other, { ...one, kustomize: { patches: [expect.anything()] } }]);
    const beside = (change: KubernetesObject) => () => {
      const sources = [{ ...other, ...change }, itemsIn(memberOf(application(), "spec"), "sources")[1] ?? {}];
      byAdministrator({ sources }, {}, "kubectl-edit");
    };
    expect(beside({ path: "elsewhere" })).toThrow("Only Countersign changes");
    expect(beside({ targetRevision: "release" })).not.toThrow();
    await argoCd.rollBack(next);
    await eventually(async () => expect((await argoCd.check(next)).why).toContain("goes back to what ran before"));
  });

  it("is put back by Argo CD where somebody changes it by hand and it heals itself", async () => {
    await installed({ syncPolicy: { automated: { selfHeal: true } } });
    const next = { ...deployment("champion", target), previous: await revision() };
    await argoCd.start(order("champion", target), release);
    await settled(next);
    byHand();
    await eventually(async () => {
      const { kind } = await argoCd.check(next);
      expect(kind).not.toBe("unhealthy");
      expect(kind).toBe("serving");
    });
  });

  it("is not what was approved where somebody changes it by hand and nothing puts it back", async () => {
    const next = await released();
    byHand();
    await eventually(async () =>
      expect(await argoCd.check(next)).toMatchObject({
        kind: "unhealthy",
        why: expect.stringContaining("somebody changed it"),
      }),
    );
  });

  it.each([
    ["asks for a sync where nothing does so by itself", {}],
    ["asks for one where changes by hand are not healed", { syncPolicy: { automated: {} } }],
  ])("is put back by its own verdict after somebody changed it by hand: %s", async (_, spec) => {
    await installed(spec);
    const first = { ...deployment("champion", target), previous: await revision() };
    await argoCd.start(order("champion", target), release);
    await settled(first);
    byHand();
    await eventually(async () => {
      await argoCd.start(order("champion", target), release);
      expect(await argoCd.check(first)).toMatchObject({ kind: "serving" });
    });
  });

  it("comes with the commit that was looked at, though the branch goes on", async () => {
    await installed();
    const next = { ...deployment("champion", target), previous: await revision() };
    git = { revision: "c2", manifests: inGit("{ apiVersion: v1, kind: Service, metadata: { name: later } }") };
    await argoCd.start(order("champion", target), release);
    expect((await settled(next)).evidence).toMatchObject({
      application: { operation: { revision: "c1" }, sync: { status: "OutOfSync", revision: "c2" } },
    });
  });
});

describe("an Application that somebody else changes", () => {
  it.each([
    [
      "asks for less than was approved",
      (patch: string) => patch.replace('"runAsNonRoot":true', '"runAsNonRoot":false'),
      "unhealthy",
    ],
    ["asks for another release", (patch: string) => patch.replaceAll("p-1111", "p-9999"), "displaced"],
  ])("is noticed when it %s", async (_, change, kind) => {
    const next = await released();
    cluster.kubernetes.remove(policies, "", "countersign-applications");
    const { kustomize } = memberOf(memberOf(application(), "spec"), "source") as { kustomize: unknown };
    byAdministrator({ source: { kustomize: JSON.parse(changedPatches(kustomize, change)) as KubernetesObject } });
    await eventually(async () =>
      expect(await argoCd.check(next)).toMatchObject({ kind, why: expect.stringContaining("somebody changed it") }),
    );
  });

  it("cannot be changed in what it makes of the workload by anybody else", async () => {
    await released();
    for (const spec of [
      { source: { kustomize: { patches: [] } } },
      { source: { repoURL: "https://git.example/other" } },
      { source: { path: "elsewhere" } },
      { destination: { namespace: "elsewhere" } },
      { syncPolicy: { managedNamespaceMetadata: { labels: { "countersign.example/models": "no" } } } },
    ])
      expect(() => byAdministrator(spec, {}, "kubectl-edit"), JSON.stringify(spec)).toThrow("Only Countersign changes");
    for (const asked of [{ manifests: ["{}"] }, { source: { repoURL: "https://git.example/other" } }])
      expect(() => byAdministrator({}, { operation: { sync: asked } }, "kubectl-edit"), JSON.stringify(asked)).toThrow(
        "is synced to what it asks for, and to nothing else",
      );
    expect(() => byAdministrator({ source: { targetRevision: "release" } }, {}, "kubectl-edit")).not.toThrow();
  });

  it("leaves others theirs, also where their patches lie in Git", () => {
    const source = { repoURL: "https://git.example/web", path: "web", kustomize: { patches: [{ path: "more.yaml" }] } };
    const document = {
      apiVersion: "argoproj.io/v1alpha1",
      kind: "Application",
      metadata: { name: "web", namespace: "argocd" },
      spec: { project: "default", source, destination: { namespace: "web" } },
    };
    expect(() => cluster.kubernetes.apply(JSON.stringify(document), "kubectl-edit")).not.toThrow();
    cluster.kubernetes.remove(applications, "argocd", "web");
  });

  it("cannot be synced past its hooks by anybody else", async () => {
    await released();
    const part = [{ group: "apps", kind: "Deployment", name: "credit-scoring" }];
    for (const asked of [{ syncStrategy: { apply: { force: true } } }, { resources: part }])
      expect(() => byAdministrator({}, { operation: { sync: asked } }, "kubectl-edit"), JSON.stringify(asked)).toThrow(
        "is synced as a whole and with its hooks",
      );
    const whole = { syncStrategy: { hook: {} }, resources: [] };
    for (const sync of [{}, { syncStrategy: {} }, { syncStrategy: { hook: {} } }])
      expect(() => byAdministrator({}, { operation: { sync } }, "kubectl-edit"), JSON.stringify(sync)).not.toThrow();
    expect(() => byAdministrator({}, { operation: { sync: whole } }, "kubectl-edit")).not.toThrow();
  });

  it("is gone", async () => {
    const next = await released();
    cluster.kubernetes.remove(applications, "argocd", "credit-scoring");
    expect(await argoCd.check(next)).toMatchObject({
      kind: "displaced",
      evidence: { application: { status: "absent" } },
    });
    await expect(argoCd.rollBack(next)).rejects.toMatchObject({ code: "deployment-refused" });
  });
});

describe("the hook before a sync", () => {
  it("is told what is about to run, and lets it through while the verdict holds", async () => {
    git = { ...git, manifests: inGit(hook) };
    await installed();
    await argoCd.start(order("champion", checked), release);
    await settled({ ...deployment("champion", checked), previous: "{}" });
    const { annotations } = memberOf(memberOf(memberOf(hooks.at(-1) ?? {}, "spec"), "template"), "metadata") as {
      annotations: unknown;
    };
    const { promotion, verdict, model, image } = order("champion");
    expect(annotations).toEqual({
      "countersign.example/promotion": promotion,
      "countersign.example/verdict": verdict,
      "countersign.example/model-sha256": model.sha256,
      "countersign.example/image": image,
      "countersign.example/target": "cluster",
    });
  });

  it("that fails leaves what ran before, and the release goes back", async () => {
    git = { ...git, manifests: inGit(hook) };
    await installed();
    const next = { ...deployment("champion", checked), previous: await revision() };
    verdictHolds = false;
    await argoCd.start(order("champion", checked), release);
    expect(await settled(next)).toMatchObject({
      kind: "unhealthy",
      why: expect.stringContaining("one or more synchronization tasks completed unsuccessfully"),
    });
    expect(await revision()).toBe(next.previous);
    await argoCd.rollBack(next);
    await eventually(async () =>
      expect(await argoCd.check(next)).toMatchObject({
        kind: "broken",
        why: expect.stringContaining("cannot go back"),
      }),
    );
    verdictHolds = true;
    await argoCd.rollBack(next);
    await eventually(async () => expect((await argoCd.check(next)).why).toContain("goes back to what ran before"));
  });
});

describe("what Argo CD cannot bring is refused before people are asked", () => {
  it.each<[string, KubernetesObject, string]>([
    ["of Helm", { status: { sourceType: "Helm" } }, "is of the type Helm; what is patched here is Kustomize"],
    ["of several sources", { spec: { sources: [] } }, "has several sources; name the one that makes the workload"],
    ["that a hydrator builds", { spec: { sourceHydrator: {} } }, "is built elsewhere by a hydrator"],
    ["that goes to another cluster", { spec: { destination: { server: "https://other" } } }, "delivers elsewhere"],
    ["that goes to another namespace", { spec: { destination: { namespace: "other" } } }, "delivers elsewhere"],
    ["that is not synced", { status: { sync: { status: "OutOfSync" } } }, "is OutOfSync: what else would be brought"],
  ])("by an Application %s", async (_, change, why) => {
    await installed();
    const seen = kubernetesTarget(async () => {
      const open = await cluster.as();
      return {
        ...open,
        get: async (resource, namespace, name) => {
          const object = await open.get(resource, namespace, name);
          return object === undefined || resource !== applications ? object : deepMerged(object, change);
        },
      };
    });
    expect(await seen.preflight(order("champion", target), () => release)).toEqual({
      kind: "impossible",
      why: expect.stringContaining(why),
    });
    await expect(seen.start(order("champion", target), release)).rejects.toMatchObject({ code: "deployment-refused" });
  });

  it.each<[string, readonly KubernetesObject[], string]>([
    ["has none of that name", [{ name: "other" }], "has no one source of the name 'models'"],
    ["has two of that name", [{ name: "models" }, { name: "models" }], "has no one source of the name 'models'"],
    ["has a chart there", [{ name: "other" }, { name: "models" }], "is of the type Helm"],
  ])("by an Application that %s", async (_, sources, why) => {
    expect(whyNotPatched({ spec: { sources }, status: { sourceTypes: ["Kustomize", "Helm"] } }, "models")).toContain(
      why,
    );
  });

  it("by an Application that is not there, or has made nothing yet", async () => {
    const asked = () => argoCd.preflight(order("champion", target), () => release);
    expect(await asked()).toMatchObject({ why: "There is no Application 'argocd/credit-scoring'." });
    await installed();
    expect(await asked()).toMatchObject({ kind: "possible", running: { revision: await revision() } });
    cluster.kubernetes.remove(workloadKinds.deployment.resource, "models", "credit-scoring");
    expect(await asked()).toMatchObject({ why: expect.stringContaining("it is in Git, for Argo CD to make") });
  });

  it("and asked for again where it is being synced at the moment", async () => {
    await installed();
    const busy = kubernetesTarget(async () => {
      const open = await cluster.as();
      return {
        ...open,
        get: async (resource, namespace, name) => {
          const object = await open.get(resource, namespace, name);
          const running = { status: { operationState: { phase: "Running" } } };
          return object === undefined || resource !== applications ? object : deepMerged(object, running);
        },
      };
    });
    const sentence = "The Application 'argocd/credit-scoring' is being synced at the moment.";
    const refusal = { code: "unavailable", message: sentence };
    await expect(busy.start(order("champion", target), release)).rejects.toMatchObject(refusal);
    await expect(busy.rollBack({ ...deployment("champion", target), previous: '{"image":"x"}' })).rejects.toMatchObject(
      refusal,
    );
  });
});

const policies = {
  group: "admissionregistration.k8s.io",
  version: "v1",
  plural: "validatingadmissionpolicybindings",
};
const checked: KubernetesTarget = { ...target, preSync: "countersign-check" };
const hook =
  "{ apiVersion: batch/v1, kind: Job, metadata: { name: countersign-check, annotations: { argocd.argoproj.io/hook: PreSync } }, spec: { template: { spec: { containers: [] } } } }";

/** The Deployment as it lies in Git, with an image of before. */
function inGit(...more: readonly string[]): string {
  const own = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "credit-scoring", labels: { team: "scoring" } },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: "scoring" } },
      template: {
        metadata: { labels: { app: "scoring" } },
        spec: { containers: [{ name: "scorer", image: "legacy.example/scorer:1" }] },
      },
    },
  };
  return [JSON.stringify(own), ...more].join("\n---\n");
}

/** The Application, synced once, as whoever runs the cluster has it. */
async function installed(spec: KubernetesObject = {}): Promise<void> {
  const source = { repoURL: "https://git.example/models", path: "scoring", targetRevision: "main" };
  const destination = { server: "https://kubernetes.default.svc", namespace: "models" };
  const { source: only = source, ...more } = spec;
  const from = "sources" in spec ? {} : { source: only };
  byAdministrator({ project: "default", ...from, destination, ...more }, { operation: { sync: {} } });
  await eventually(() => {
    expect(memberOf(memberOf(application(), "status"), "sync")["status"]).toBe("Synced");
    expect(memberOf(memberOf(application(), "status"), "operationState")["phase"]).toBe("Succeeded");
  });
}

/** The champion runs. */
async function released(): Promise<Deployment> {
  await installed();
  const first = { ...deployment("champion", target), previous: await revision() };
  await argoCd.start(order("champion", target), release);
  await settled(first);
  return first;
}

/** The champion runs, and the candidate was asked for. */
async function updated(): Promise<Deployment> {
  await released();
  const next = { ...deployment("candidate", target), previous: await revision() };
  await argoCd.start(order("candidate", target), release);
  return next;
}

function settled(of: Deployment): Promise<Progress> {
  return settledIn(argoCd, of);
}

async function revision(): Promise<string> {
  const { revision: found } = await argoCd.describeRunning(target);
  return found ?? expect.unreachable("Nothing runs.");
}

function application(): KubernetesObject {
  return cluster.kubernetes.read("argoproj.io/v1alpha1", "Application", "argocd", "credit-scoring") ?? {};
}

function workload(): KubernetesObject {
  return cluster.kubernetes.read("apps/v1", "Deployment", "models", "credit-scoring") ?? {};
}

function byAdministrator(spec: KubernetesObject, more: KubernetesObject = {}, manager = "kubectl"): void {
  const metadata = { name: "credit-scoring", namespace: "argocd" };
  const document = { apiVersion: "argoproj.io/v1alpha1", kind: "Application", metadata, spec, ...more };
  cluster.kubernetes.apply(JSON.stringify(document), manager);
}

/** Somebody changes the image in the cluster, before there was a policy against it. */
function byHand(): void {
  cluster.kubernetes.remove(policies, "", "countersign-approved-models");
  const containers = [{ name: "scorer", image: `other@sha256:${"0".repeat(64)}` }];
  const metadata = { name: "credit-scoring", namespace: "models" };
  const document = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata,
    spec: { template: { spec: { containers } } },
  };
  cluster.kubernetes.apply(JSON.stringify(document), "kubectl-edit");
}

function changedPatches(kustomize: unknown, change: (patch: string) => string): string {
  const { patches } = kustomize as { readonly patches: readonly { readonly patch: string }[] };
  return JSON.stringify({ patches: patches.map((each) => ({ ...each, patch: change(each.patch) })) });
}

function deepMerged(object: KubernetesObject, change: KubernetesObject): KubernetesObject {
  const merged = Object.entries(change).map(([name, value]) => {
    const holds = typeof value === "object" && value !== null && !Array.isArray(value);
    return [name, holds ? deepMerged(memberOf(object, name), value as KubernetesObject) : value] as const;
  });
  return { ...object, ...Object.fromEntries(merged) };
}
