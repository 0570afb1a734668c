import { describe, expect, it } from "vitest";
import { applications } from "../../../adapters/kubernetes/application-document.ts";
import { whyNotPatched } from "../../../adapters/kubernetes/application-source.ts";
import type { KubernetesObject } from "../../../adapters/kubernetes/cluster.ts";
import { kubernetesTarget } from "../../../adapters/kubernetes/deployment-target.ts";
import { memberOf, workloadKinds } from "../../../adapters/kubernetes/workload-kinds.ts";
import { argoCdScene, target } from "./argocd-scene.ts";
import { deployment, order, release } from "./releases.ts";

const { cluster, argoCd, installed, revision } = argoCdScene();

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

function deepMerged(object: KubernetesObject, change: KubernetesObject): KubernetesObject {
  const merged = Object.entries(change).map(([name, value]) => {
    const holds = typeof value === "object" && value !== null && !Array.isArray(value);
    return [name, holds ? deepMerged(memberOf(object, name), value as KubernetesObject) : value] as const;
  });
  return { ...object, ...Object.fromEntries(merged) };
}
