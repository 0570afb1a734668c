import { recordIn, recordsIn } from "../aws/json-shape.ts";
import { knownKind } from "./kinds.ts";
import { metadataOf, type ObjectStore, specOf } from "./store.ts";

const routes = knownKind("gateway.networking.k8s.io/v1", "HTTPRoute");
const services = knownKind("v1", "Service");

/**
 * Workloads that get a copy of what a service is asked, by the filters of the namespace's HTTPRoutes; a gateway does not hear what
 * they answer. https://gateway-api.sigs.k8s.io/guides/http-request-mirroring/
 */
export function mirrorsOf(store: ObjectStore, namespace: string, service: string): readonly string[] {
  return store.list(routes, namespace).flatMap(({ object }) =>
    recordsIn(specOf(object), "rules")
      .filter((rule) => recordsIn(rule, "backendRefs").some(({ name }) => name === service))
      .flatMap((rule) => recordsIn(rule, "filters"))
      .filter(({ type }) => type === "RequestMirror")
      .map((filter) => String(recordIn(recordIn(filter, "requestMirror"), "backendRef")["name"]))
      .flatMap((name) => workloadBehind(store, namespace, name) ?? []),
  );
}

/** The Deployment whose pods a service selects. */
function workloadBehind(store: ObjectStore, namespace: string, service: string): string | undefined {
  const found = store.get(services, namespace, service)?.object;
  if (found === undefined) return undefined;
  const selector = Object.entries(recordIn(specOf(found), "selector"));
  const deployment = store.list(knownKind("apps/v1", "Deployment"), namespace).find(({ object }) => {
    const labels = recordIn(metadataOf(recordIn(specOf(object), "template")), "labels");
    return selector.length > 0 && selector.every(([name, value]) => labels[name] === value);
  });
  return deployment === undefined ? undefined : String(metadataOf(deployment.object)["name"]);
}
