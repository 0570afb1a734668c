import type { Json } from "../../core/encoding/canonical-json.ts";
import type { KubernetesTarget } from "../../core/promotion/target.ts";
import type { KubernetesObject, Resource } from "./cluster.ts";

/** A pod's description with its labels and annotations, wherever a kind of workload keeps them. */
interface PodTemplate {
  readonly labels: KubernetesObject;
  readonly annotations: KubernetesObject;
  readonly spec: KubernetesObject;
}

/** What differs between the kinds of workloads in how they hold their pods. */
export interface WorkloadKind {
  readonly resource: Resource;
  /**
   * Whether lists of containers and volumes merge by name. The definitions of custom resources leave that out of the
   * pod's description, so that such a list is one field: it is read, ours is put into it, and it is applied as a whole.
   */
  readonly mergesLists: boolean;
  /** Whether it can be made anew; a Rollout without its strategy cannot. */
  readonly canBeCreated: boolean;
  readonly podOf: (object: KubernetesObject) => PodTemplate;
  /** `spec` around a pod; `selector` are the labels by which a new workload finds its pods. */
  readonly specAround: (pod: PodTemplate, selector: KubernetesObject | undefined) => KubernetesObject;
}

const underTemplate: Pick<WorkloadKind, "podOf" | "specAround"> = {
  podOf(object) {
    const template = memberOf(memberOf(object, "spec"), "template");
    const { labels, annotations } = memberOf(template, "metadata");
    return { labels: record(labels), annotations: record(annotations), spec: memberOf(template, "spec") };
  },
  specAround: ({ labels, annotations, spec }, selector) => ({
    ...(selector === undefined ? {} : { selector: { matchLabels: selector } }),
    template: { metadata: { labels, annotations }, spec },
  }),
};

export const workloadKinds: Readonly<Record<KubernetesTarget["workload"], WorkloadKind>> = {
  deployment: {
    resource: { group: "apps", version: "v1", plural: "deployments", kind: "Deployment" },
    mergesLists: true,
    canBeCreated: true,
    ...underTemplate,
  },
  "inference-service": {
    resource: {
      group: "serving.kserve.io",
      version: "v1beta1",
      plural: "inferenceservices",
      kind: "InferenceService",
    },
    mergesLists: false,
    canBeCreated: true,
    podOf(object) {
      const { labels, annotations, ...spec } = memberOf(memberOf(object, "spec"), "predictor");
      return { labels: record(labels), annotations: record(annotations), spec };
    },
    // KServe finds its pods by labels of its own.
    specAround: ({ labels, annotations, spec }) => ({ predictor: { ...spec, labels, annotations } }),
  },
  rollout: {
    resource: { group: "argoproj.io", version: "v1alpha1", plural: "rollouts", kind: "Rollout" },
    mergesLists: false,
    canBeCreated: false,
    ...underTemplate,
  },
};

export const pods: Resource = { group: "", version: "v1", plural: "pods", kind: "Pod" };

/** The pods of one version of a Rollout. */
export const replicaSets: Resource = { group: "apps", version: "v1", plural: "replicasets", kind: "ReplicaSet" };

/** One version of what KServe lets Knative run. */
export const revisions: Resource = {
  group: "serving.knative.dev",
  version: "v1",
  plural: "revisions",
  kind: "Revision",
};

export const analysisRuns: Resource = {
  group: "argoproj.io",
  version: "v1alpha1",
  plural: "analysisruns",
  kind: "AnalysisRun",
};

/** A member that is an object; an empty one where there is none. */
export function memberOf(object: KubernetesObject, name: string): KubernetesObject {
  return record(object[name]);
}

/** The objects in a member that is a list. */
export function itemsIn(object: KubernetesObject, name: string): readonly KubernetesObject[] {
  const value = object[name];
  return Array.isArray(value) ? (value as readonly Json[]).map(record) : [];
}

/** A value as an object; an empty one where it is none. */
export function record(value: Json | undefined): KubernetesObject {
  const holds = typeof value === "object" && value !== null && !Array.isArray(value);
  return holds ? (value as KubernetesObject) : {};
}
