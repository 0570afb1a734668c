import type { Json } from "../../core/encoding/canonical-json.ts";
import { Failure } from "../../core/failure.ts";
import { type ApiAnswer, type ApiCall, type ClusterAccess, clusterApi } from "./api-call.ts";
import { conflictsIn, type FieldConflict, refusal } from "./refusals.ts";

/** An object of the cluster, as JSON. */
export type KubernetesObject = { readonly [member: string]: Json };

/** Where a kind of object lives in the API. */
export interface Resource {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
}

/** A service of the cluster that speaks HTTP. */
interface ClusterService {
  readonly namespace: string;
  readonly service: string;
  readonly port: number;
}

type Applied =
  | { readonly kind: "applied"; readonly object: KubernetesObject }
  | { readonly kind: "conflicts"; readonly conflicts: readonly FieldConflict[] };

/** The calls that a deployment makes in one namespace. */
export interface Cluster {
  get(resource: Resource, namespace: string, name: string): Promise<KubernetesObject | undefined>;
  list(resource: Resource, namespace: string, labels: string): Promise<readonly KubernetesObject[]>;
  /**
   * Server-side apply; `force` takes fields over from whoever owns them, for `manager`, or for who owns what runs.
   * https://kubernetes.io/docs/reference/using-api/server-side-apply/
   */
  apply(
    resource: Resource,
    namespace: string,
    document: KubernetesObject,
    force: boolean,
    manager?: string,
  ): Promise<Applied>;
  /**
   * What a service of the cluster answers to a GET, by way of the API server.
   * https://kubernetes.io/docs/tasks/access-application-cluster/access-cluster-services/#manually-constructing-apiserver-proxy-urls
   */
  ask(service: ClusterService, path: string, query: Readonly<Record<string, string>>): Promise<ApiAnswer>;
  /**
   * Removes an object as it was read; `changed` where it is another by now, or somebody changed it, and then it stays.
   * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/delete-options/
   */
  remove(resource: Resource, namespace: string, read: KubernetesObject): Promise<"removed" | "absent" | "changed">;
}

/** Who owns the fields that Countersign sets. */
const fieldManager = "countersign";

/**
 * A cluster's API, in the few calls that are needed (docs/decisions/0038-kubernetes-by-four-calls.md).
 * @param renewed the same with another token: asked for once, where the cluster does not take the first one any more
 */
export function openCluster(access: ClusterAccess, renewed: () => Promise<ClusterAccess>): Cluster {
  let asNow = clusterApi(access);
  let first = true;
  const api = async (call: ApiCall): Promise<ApiAnswer> => {
    const answer = await asNow(call);
    if (answer.status !== 401 || !first) return answer;
    first = false;
    asNow = clusterApi(await renewed());
    return asNow(call);
  };
  const unlessAbsent = async (call: ApiCall): Promise<KubernetesObject | undefined> => {
    const answer = await api(call);
    return answer.status === 404 ? undefined : objectIn(answer);
  };
  return {
    get: (resource, namespace, name) => unlessAbsent({ method: "GET", path: pathOf(resource, namespace, name) }),
    async list(resource, namespace, labelSelector) {
      const call: ApiCall = { method: "GET", path: pathOf(resource, namespace), query: { labelSelector } };
      // A kind that the cluster does not know has no objects.
      const items = (await unlessAbsent(call))?.["items"];
      return Array.isArray(items) ? (items as readonly KubernetesObject[]) : [];
    },
    async apply(resource, namespace, document, force, manager = fieldManager) {
      const { name } = document["metadata"] as KubernetesObject;
      const answer = await api({
        method: "PATCH",
        path: pathOf(resource, namespace, String(name)),
        query: { fieldManager: manager, force: String(force), fieldValidation: "Strict" },
        body: JSON.stringify(document),
      });
      const conflicts = conflictsIn(answer);
      return conflicts.length > 0 ? { kind: "conflicts", conflicts } : { kind: "applied", object: objectIn(answer) };
    },
    async ask({ namespace, service, port }, path, query) {
      const proxied = `/api/v1/namespaces/${encodeURIComponent(namespace)}/services/${encodeURIComponent(service)}:${port}/proxy`;
      const answer = await api({ method: "GET", path: `${proxied}${path}`, query });
      // What the API server itself says is a Status; everything else is the service's own.
      if (isStatus(answer)) throw refusal(answer);
      return answer;
    },
    async remove(resource, namespace, read) {
      const { name, uid, resourceVersion } = read["metadata"] as KubernetesObject;
      const preconditions = { uid: uid ?? "", resourceVersion: resourceVersion ?? "" };
      const answer = await api({
        method: "DELETE",
        path: pathOf(resource, namespace, String(name)),
        body: JSON.stringify({ apiVersion: "v1", kind: "DeleteOptions", preconditions }),
      });
      if (answer.status === 404) return "absent";
      if (answer.status === 409) return "changed";
      objectIn(answer);
      return "removed";
    },
  };
}

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris */
function pathOf({ group, version, plural }: Resource, namespace: string, name?: string): string {
  const root = group === "" ? "/api" : `/apis/${group}`;
  const collection = `${root}/${version}/namespaces/${encodeURIComponent(namespace)}/${plural}`;
  return name === undefined ? collection : `${collection}/${encodeURIComponent(name)}`;
}

function isStatus({ body }: ApiAnswer): boolean {
  return typeof body === "object" && body !== null && "kind" in body && body.kind === "Status";
}

function objectIn(answer: ApiAnswer): KubernetesObject {
  const { status, body } = answer;
  if (status < 200 || status >= 300) throw refusal(answer);
  if (typeof body === "object" && body !== null && !Array.isArray(body)) return body as KubernetesObject;
  throw new Failure("unavailable", "The cluster answered with something that is no object.");
}
