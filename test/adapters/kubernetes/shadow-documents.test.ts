import { expect, it } from "vitest";
import type { KubernetesObject } from "../../../adapters/kubernetes/cluster.ts";
import { type MirroredTarget, mirrored, mirrorIn } from "../../../adapters/kubernetes/shadow-documents.ts";
import { itemsIn, memberOf } from "../../../adapters/kubernetes/workload-kinds.ts";
import { target as trial } from "./releases.ts";

const target: MirroredTarget = {
  ...trial,
  mirror: { route: "scoring", service: trial.endpoint },
  metrics: { namespace: "monitoring", service: "prometheus", port: 9090, requests: "r", errors: "e" },
};
const [rule = {}] = mirrored({ spec: { rules: [{ backendRefs: [{ name: trial.endpoint, port: 8080 }] }] } }, target);

/** The route with the copy of each request changed. */
function changed(over: KubernetesObject, of: KubernetesObject = {}): KubernetesObject {
  const [filter = {}] = itemsIn(rule, "filters");
  const { backendRef } = memberOf(filter, "requestMirror");
  const requestMirror = { backendRef: { ...memberOf({ backendRef: backendRef ?? {} }, "backendRef"), ...of }, ...over };
  return { spec: { rules: [{ ...rule, filters: [{ ...filter, requestMirror }] }] } };
}

it.each<[string, KubernetesObject]>([
  ["as it was written", changed({})],
  ["as the API server writes it out", changed({}, { group: "", kind: "Service" })],
  ["with its own namespace", changed({}, { namespace: target.namespace })],
])("is a copy of each request %s", (_, route) => {
  expect(mirrorIn(route, target)).toEqual({ kind: "all" });
});

// https://gateway-api.sigs.k8s.io/reference/spec/#httprequestmirrorfilter
it.each<[string, KubernetesObject]>([
  ["one of a hundred", changed({ percent: 1 })],
  ["none", changed({ fraction: { numerator: 0, denominator: 1000 } })],
  ["to a service of that name in another namespace", changed({}, { namespace: "theirs" })],
  ["to another port", changed({}, { port: 9999 })],
  ["to something else than a service", changed({}, { kind: "ServiceImport" })],
])("is altered where somebody lets it copy %s", (_, route) => {
  expect(mirrorIn(route, target)).toEqual({
    kind: "altered",
    why: "the HTTPRoute 'models/scoring' copies requests to the candidate otherwise than it was asked to",
  });
});
