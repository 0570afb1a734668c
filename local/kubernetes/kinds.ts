import type { Json } from "../../core/encoding/canonical-json.ts";

/** How server-side apply merges one kind of object (https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy). */
export interface MergeRules {
  /** By the name of a list: the members that tell its items apart (`x-kubernetes-list-map-keys`). Others are atomic. */
  readonly keyedLists: Readonly<Record<string, readonly string[]>>;
  /** Maps that have one owner as a whole (`x-kubernetes-map-type: atomic`), by their path from the root. */
  readonly atomicMaps: readonly string[];
}

/** One kind that this API server knows. */
export interface KnownKind {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly merge: MergeRules;
  /** What the server fills in where an object leaves it out, below `spec`. */
  readonly defaults: Readonly<Record<string, Json>>;
}

/** Lists of a pod's description, as the built-in types declare them (k8s.io/api/core/v1, `+listMapKey`). */
const podLists = {
  containers: ["name"],
  initContainers: ["name"],
  env: ["name"],
  ports: ["containerPort", "protocol"],
  volumeMounts: ["mountPath"],
  volumes: ["name"],
};
const builtIn: MergeRules = { keyedLists: podLists, atomicMaps: [".spec.selector"] };
/**
 * The definitions of Argo Rollouts and KServe carry the pod's description without most of these marks, so that their
 * lists of containers are one field each. The harder case is the one to be held against.
 */
const customResource: MergeRules = {
  keyedLists: { ports: ["containerPort", "protocol"] },
  atomicMaps: [".spec.selector"],
};
const whole: MergeRules = { keyedLists: {}, atomicMaps: [] };

const known: readonly KnownKind[] = [
  kind("", "v1", "namespaces", "Namespace", { namespaced: false }),
  kind("", "v1", "services", "Service"),
  kind("", "v1", "serviceaccounts", "ServiceAccount"),
  kind("", "v1", "pods", "Pod"),
  kind("", "v1", "replicationcontrollers", "ReplicationController"),
  kind("apps", "v1", "deployments", "Deployment", {
    merge: builtIn,
    defaults: { replicas: 1, progressDeadlineSeconds: 600, revisionHistoryLimit: 10 },
  }),
  // Its own controllers make them of a Rollout and of an InferenceService, with Knative.
  kind("serving.knative.dev", "v1", "revisions", "Revision"),
  // Nothing here runs these, but for the first: they are there so that the policies that refuse them can be tried.
  ...["ReplicaSet", "StatefulSet", "DaemonSet"].map((each) => kind("apps", "v1", `${each.toLowerCase()}s`, each)),
  ...["Job", "CronJob"].map((each) => kind("batch", "v1", `${each.toLowerCase()}s`, each)),
  kind("argoproj.io", "v1alpha1", "experiments", "Experiment"),
  kind("serving.kserve.io", "v1alpha1", "inferencegraphs", "InferenceGraph"),
  kind("serving.kserve.io", "v1beta1", "inferenceservices", "InferenceService", { merge: customResource }),
  kind("argoproj.io", "v1alpha1", "rollouts", "Rollout", { merge: customResource, defaults: { replicas: 1 } }),
  kind("argoproj.io", "v1alpha1", "analysisruns", "AnalysisRun"),
  // Its definition marks no list by keys: the patches of its source are one field.
  kind("argoproj.io", "v1alpha1", "applications", "Application"),
  // Its rules are one field: `x-kubernetes-list-type: atomic`.
  kind("gateway.networking.k8s.io", "v1", "httproutes", "HTTPRoute"),
  kind("rbac.authorization.k8s.io", "v1", "roles", "Role"),
  kind("rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding"),
  kind("admissionregistration.k8s.io", "v1", "validatingadmissionpolicies", "ValidatingAdmissionPolicy", {
    namespaced: false,
  }),
  kind("admissionregistration.k8s.io", "v1", "validatingadmissionpolicybindings", "ValidatingAdmissionPolicyBinding", {
    namespaced: false,
  }),
];

function kind(
  group: string,
  version: string,
  plural: string,
  name: string,
  more: Partial<Pick<KnownKind, "namespaced" | "merge" | "defaults">> = {},
): KnownKind {
  return { group, version, plural, kind: name, namespaced: true, merge: whole, defaults: {}, ...more };
}

/** The kind at `/apis/<group>/<version>/…/<plural>`, or of a document's `apiVersion` and `kind`. */
export function kindByPath(group: string, version: string, plural: string): KnownKind | undefined {
  return known.find((each) => each.group === group && each.version === version && each.plural === plural);
}

export function kindByName(apiVersion: string, name: string): KnownKind | undefined {
  return known.find((each) => each.kind === name && apiVersionOf(each) === apiVersion);
}

/** The same, for a kind that is known for certain. */
export function knownKind(apiVersion: string, name: string): KnownKind {
  const found = kindByName(apiVersion, name);
  if (found === undefined) throw new Error(`The API server does not know ${apiVersion}, ${name}.`);
  return found;
}

/** `apps/v1`; of the core group `v1` alone. */
export function apiVersionOf({ group, version }: KnownKind): string {
  return group === "" ? version : `${group}/${version}`;
}
