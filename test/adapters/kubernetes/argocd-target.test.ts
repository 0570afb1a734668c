import { describe, expect, it } from "vitest";
import { applications } from "../../../adapters/kubernetes/application-document.ts";
import type { KubernetesObject } from "../../../adapters/kubernetes/cluster.ts";
import { itemsIn, memberOf, workloadKinds } from "../../../adapters/kubernetes/workload-kinds.ts";
import type { KubernetesTarget } from "../../../core/promotion/target.ts";
import { argoCdScene, eventually, inGit, target } from "./argocd-scene.ts";
import { deployment, order, release, servedBy } from "./releases.ts";

const {
  cluster,
  argoCd,
  around,
  policies,
  installed,
  released,
  updated,
  settled,
  revision,
  application,
  workload,
  byAdministrator,
  byHand,
} = argoCdScene();

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
    around.verdictHolds = false;
    around.git = { ...around.git, manifests: inGit(hook) };
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
    around.git = { ...around.git, manifests: inGit(hook) };
    await installed();
    const first = { ...deployment("champion", checked), previous: await revision() };
    await argoCd.start(order("champion", checked), release);
    await settled(first);
    const { previous: _, ...out } = first;
    Object.assign(around, { verdictHolds: false, hooks: [] });
    await argoCd.rollBack(out);
    await argoCd.rollBack(out);
    expect(await settled(out)).toMatchObject({
      kind: "returned",
      why: "The Deployment 'models/credit-scoring' has no replica any more.",
    });
    expect([memberOf(workload(), "spec")["replicas"], around.hooks]).toEqual([0, []]);
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
    around.git = { ...around.git, manifests: "" };
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
    around.git = { revision: "c2", manifests: inGit("{ apiVersion: v1, kind: Service, metadata: { name: later } }") };
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
    around.git = { ...around.git, manifests: inGit(hook) };
    await installed();
    await argoCd.start(order("champion", checked), release);
    await settled({ ...deployment("champion", checked), previous: "{}" });
    const { annotations } = memberOf(memberOf(memberOf(around.hooks.at(-1) ?? {}, "spec"), "template"), "metadata") as {
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
    around.git = { ...around.git, manifests: inGit(hook) };
    await installed();
    const next = { ...deployment("champion", checked), previous: await revision() };
    around.verdictHolds = false;
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
    around.verdictHolds = true;
    await argoCd.rollBack(next);
    await eventually(async () => expect((await argoCd.check(next)).why).toContain("goes back to what ran before"));
  });
});

const checked: KubernetesTarget = { ...target, preSync: "countersign-check" };
const hook =
  "{ apiVersion: batch/v1, kind: Job, metadata: { name: countersign-check, annotations: { argocd.argoproj.io/hook: PreSync } }, spec: { template: { spec: { containers: [] } } } }";

function changedPatches(kustomize: unknown, change: (patch: string) => string): string {
  const { patches } = kustomize as { readonly patches: readonly { readonly patch: string }[] };
  return JSON.stringify({ patches: patches.map((each) => ({ ...each, patch: change(each.patch) })) });
}
