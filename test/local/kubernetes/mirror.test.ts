import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../local/aws/json-shape.ts";
import { knownKind } from "../../../local/kubernetes/kinds.ts";
import { mirrorsOf } from "../../../local/kubernetes/mirror.ts";
import { openObjectStore } from "../../../local/kubernetes/store.ts";
import { scratchDirectory } from "../recorded-calls.ts";

const copy = (name: string) => ({ type: "RequestMirror", requestMirror: { backendRef: { name, port: 80 } } });

function store(filters: readonly JsonObject[]) {
  const opened = openObjectStore(
    scratchDirectory(),
    () => 0,
    () => undefined,
  );
  const put = (apiVersion: string, kind: string, name: string, spec: JsonObject) =>
    opened.put(knownKind(apiVersion, kind), {
      object: { apiVersion, kind, metadata: { name, namespace: "models" }, spec },
      owners: [],
    });
  put("gateway.networking.k8s.io/v1", "HTTPRoute", "web", { rules: [{ backendRefs: [{ name: "web" }], filters }] });
  put("v1", "Service", "beside", { selector: { app: "shadow" } });
  put("apps/v1", "Deployment", "candidate", { template: { metadata: { labels: { app: "shadow", more: "x" } } } });
  return opened;
}

describe("copies of requests in the local cluster", () => {
  it("go to the workload behind the service that a route's filter names", () => {
    expect(mirrorsOf(store([copy("beside")]), "models", "web")).toEqual(["candidate"]);
  });

  it.each<[string, readonly JsonObject[], string, string]>([
    ["no filter", [], "models", "web"],
    ["a filter of another kind", [{ type: "URLRewrite" }], "models", "web"],
    ["a service that is not there", [copy("gone")], "models", "web"],
    ["another service", [copy("beside")], "models", "other"],
    ["another namespace", [copy("beside")], "others", "web"],
  ])("go nowhere for %s", (_, filters, namespace, service) => {
    expect(mirrorsOf(store(filters), namespace, service)).toEqual([]);
  });
});
