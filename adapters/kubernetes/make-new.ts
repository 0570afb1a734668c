import { Failure } from "../../core/failure.ts";
import type { Cluster, KubernetesObject, Resource } from "./cluster.ts";
import { memberOf } from "./workload-kinds.ts";

/**
 * The version of an empty store, which no object has: an apply that names it makes what is not there, and is refused as a conflict
 * where somebody made that meanwhile. `create` says the same and cannot be granted for one name.
 * https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/apiserver/pkg/registry/generic/registry/store.go
 */
const versionOfNone = "1";

/** Makes an object, and changes none that somebody made meanwhile: whether it did. */
export async function makeNew(cluster: Cluster, resource: Resource, document: KubernetesObject): Promise<boolean> {
  const metadata = memberOf(document, "metadata");
  const [namespace, name] = [String(metadata["namespace"]), String(metadata["name"])];
  const first = { ...document, metadata: { ...metadata, resourceVersion: versionOfNone } };
  if (await isApplied(cluster, resource, namespace, first)) return true;
  // A server that compares the version also of what is not there.
  const absent = (await cluster.get(resource, namespace, name)) === undefined;
  return absent && (await isApplied(cluster, resource, namespace, document));
}

async function isApplied(
  cluster: Cluster,
  resource: Resource,
  namespace: string,
  document: KubernetesObject,
): Promise<boolean> {
  try {
    return (await cluster.apply(resource, namespace, document, false)).kind === "applied";
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== "conflict") throw error;
    return false;
  }
}
