import { beforeEach, describe, expect, it, vi } from "vitest";
import type { JsonObject } from "../../../local/aws/json-shape.ts";
import { recordIn, recordsIn } from "../../../local/aws/json-shape.ts";
import { renderKustomize } from "../../../local/kubernetes/kustomize.ts";
import { localCluster } from "./setup.ts";

let manifests = "";
const cluster = localCluster({ argoCd: { git: () => ({ revision: "c1", manifests }) } });
const service = "{ apiVersion: v1, kind: Service, metadata: { name: web, labels: { a: b } } }";
const destination = { server: "https://kubernetes.default.svc", namespace: "models" };
const source = { repoURL: "https://git.example/x", path: ".", targetRevision: "main" };

beforeEach(() => {
  manifests = service;
  cluster.kubernetes.apply("{ apiVersion: v1, kind: Namespace, metadata: { name: argocd } }");
  cluster.kubernetes.remove({ group: "argoproj.io", version: "v1alpha1", plural: "applications" }, "argocd", "web");
});

describe("Argo CD of the local cluster", () => {
  it("compares, and syncs once it is asked to", async () => {
    apply({ source, destination });
    await vi.waitFor(() => expect(status()).toMatchObject({ sync: { status: "OutOfSync", revision: "c1" } }));
    expect(cluster.kubernetes.read("v1", "Service", "models", "web")).toBeUndefined();
    apply({ source, destination }, { operation: { sync: { revision: "c1" } } });
    await vi.waitFor(() =>
      expect(status()).toMatchObject({ sync: { status: "Synced" }, health: { status: "Healthy" } }),
    );
    expect(status()).toMatchObject({ operationState: { phase: "Succeeded", syncResult: { revision: "c1", source } } });
    expect(read()["operation"]).toBeUndefined();
  });

  it("syncs by itself where it is automated", async () => {
    apply({ source, destination, syncPolicy: { automated: {} } });
    await vi.waitFor(() => expect(status()).toMatchObject({ sync: { status: "Synced" } }));
  });

  it.each([
    ["Helm", { source: { ...source, helm: { parameters: [] } }, destination }, "helm is not carried"],
    ["a chart beside", { sources: [source, { ...source, helm: {} }], destination }, "helm is not carried"],
    ["image overrides", { source: { ...source, kustomize: { images: [] } }, destination }, "images is not carried"],
    ["another cluster", { source, destination: { server: "https://other" } }, "another cluster is not carried"],
  ])("says so where it is asked for %s", async (_, spec, message) => {
    apply(spec);
    await vi.waitFor(() =>
      expect(recordsIn(status(), "conditions")).toEqual([
        { type: "InvalidSpecError", message: expect.stringContaining(message) },
      ]),
    );
  });

  it("brings what several sources make, each at its commit", async () => {
    const sources = [
      { ...source, name: "one" },
      { ...source, name: "two" },
    ];
    apply({ sources, destination }, { operation: { sync: { revisions: ["c1", "c1"] } } });
    await vi.waitFor(() =>
      expect(status()).toMatchObject({
        sourceTypes: ["Kustomize", "Kustomize"],
        sync: { status: "Synced", revisions: ["c1", "c1"], comparedTo: { sources } },
        operationState: { phase: "Succeeded", syncResult: { revisions: ["c1", "c1"], sources } },
      }),
    );
  });

  it("fails a sync whose hooks nothing runs", async () => {
    manifests = `${service}\n---\n{ apiVersion: batch/v1, kind: Job, metadata: { name: check, annotations: { argocd.argoproj.io/hook: PreSync } } }`;
    apply({ source, destination }, { operation: { sync: {} } });
    await vi.waitFor(() =>
      expect(status()).toMatchObject({ operationState: { phase: "Failed", message: "nothing runs hooks here" } }),
    );
  });
});

describe("Kustomize's inline patches", () => {
  const patched = (target: JsonObject, patch: string) =>
    renderKustomize(service, { kustomize: { patches: [{ target, patch }] } });

  it("merge into what they name", () => {
    const [rendered] = patched({ version: "v1", kind: "Service", name: "web" }, "{ metadata: { labels: { c: d } } }");
    expect(rendered?.document).toMatchObject({ metadata: { name: "web", labels: { a: "b", c: "d" } } });
  });

  it("take away what they name", () => {
    expect(patched({ version: "v1", kind: "Service", name: "web" }, "{ $patch: delete }")).toEqual([]);
  });

  it.each([
    ["nothing of that name", { version: "v1", kind: "Service", name: "other" }, "{}", "no matches for target"],
    ["a selector", { kind: "Service", labelSelector: "a=b" }, "{}", "labelSelector is not carried"],
    ["a JSON patch", { version: "v1", kind: "Service", name: "web" }, "[]", "a JSON patch is not carried"],
  ])("are refused for %s", (_, target, patch, why) => {
    expect(() => patched(target, patch)).toThrow(why);
  });
});

function apply(spec: JsonObject, more: JsonObject = {}): void {
  const metadata = { name: "web", namespace: "argocd" };
  const document = { apiVersion: "argoproj.io/v1alpha1", kind: "Application", metadata, spec, ...more };
  cluster.kubernetes.apply(JSON.stringify(document));
}

function read(): JsonObject {
  return cluster.kubernetes.read("argoproj.io/v1alpha1", "Application", "argocd", "web") ?? {};
}

function status(): JsonObject {
  return recordIn(read(), "status");
}
