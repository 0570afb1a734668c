import { type JsonObject, recordIn, recordsIn } from "../aws/json-shape.ts";
import { type KnownKind, knownKind } from "./kinds.ts";
import { metadataOf, specOf } from "./store.ts";

/** How far a workload is, in terms that its kind turns into its own status. */
export interface Reported {
  readonly generation: number;
  readonly phase: "progressing" | "waiting" | "ready" | "failed" | "paused" | "sharing";
  readonly why?: string;
  /** Of the template that is asked for, and of the one that serves. */
  readonly hash: string;
  readonly stableHash?: string;
  readonly replicas: number;
  /** Of a hundred requests, how many the new pods get while it is paused, or shares them with what ran before. */
  readonly weight?: number;
}

/** What the steps of a canary come to, once its pods are ready. */
interface Judgement {
  readonly kind: "passed" | "failed" | "paused";
  readonly why: string;
  /** Members of the status of the AnalysisRun, where there was one. */
  readonly analysis?: JsonObject;
}

/** Measures for an AnalysisTemplate by its name: the phase that its run ends in, and why. */
export type Analyse = (template: string) => {
  readonly phase: "Successful" | "Failed" | "Error" | "Inconclusive";
  readonly message: string;
};

/** What differs between the kinds of workloads that are rolled out here. */
export interface WorkloadKind {
  readonly kind: KnownKind;
  readonly hashLabel: string;
  /** What that label says of a version; absent: its hash. */
  readonly revisionOf?: (name: string, hash: string) => string;
  /** The object that a version of the template is, where others read it. */
  versionOf?(
    of: { readonly namespace: string; readonly name: string },
    hash: string,
    template: JsonObject,
    replicas: number,
  ): JsonObject;
  /** Where that object does not make the pods itself: what does, in between, and the labels that they get on the way. */
  makerOf?(
    of: { readonly namespace: string; readonly name: string },
    hash: string,
    template: JsonObject,
    replicas: number,
  ): { readonly maker: JsonObject; readonly labels: JsonObject };
  templateOf(object: JsonObject): JsonObject;
  replicasOf(object: JsonObject): number;
  /** Seconds after which a version that does not become ready has failed. */
  deadlineOf(object: JsonObject): number;
  /** Whether the new pods of an update may take over, once they are ready. */
  judge?(object: JsonObject, analyse: Analyse): Judgement;
  /** Of a hundred requests, how many the new pods get until the object asks for another part; `undefined`: all. */
  shareOf?(object: JsonObject): number | undefined;
  /** For how many seconds the new pods of an update get which part of the requests, one after the other. */
  pausesOf?(object: JsonObject): readonly { readonly weight: number; readonly seconds: number }[];
  statusOf(object: JsonObject, reported: Reported): JsonObject;
}

/** https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#deployment-status */
const deployment: WorkloadKind = {
  kind: knownKind("apps/v1", "Deployment"),
  hashLabel: "pod-template-hash",
  versionOf(of, hash, template, replicas) {
    return replicaSet({ ...of, owner: "Deployment" }, { [this.hashLabel]: hash }, template, replicas);
  },
  templateOf: (object) => recordIn(specOf(object), "template"),
  replicasOf: (object) => Number(specOf(object)["replicas"] ?? 1),
  deadlineOf: (object) => Number(specOf(object)["progressDeadlineSeconds"] ?? 600),
  statusOf(_, { generation, phase, why, stableHash, replicas }) {
    const ready = phase === "ready";
    const available = ready || stableHash !== undefined ? replicas : 0;
    const progressing =
      phase === "failed"
        ? condition("Progressing", "False", "ProgressDeadlineExceeded", `ReplicaSet has timed out progressing; ${why}`)
        : condition("Progressing", "True", ready ? "NewReplicaSetAvailable" : "ReplicaSetUpdated", "");
    return {
      observedGeneration: generation,
      replicas: ready || stableHash === undefined ? replicas : 2 * replicas,
      updatedReplicas: replicas,
      readyReplicas: available,
      availableReplicas: available,
      ...(ready || stableHash !== undefined ? {} : { unavailableReplicas: replicas }),
      conditions: [
        condition("Available", available > 0 || replicas === 0 ? "True" : "False", "MinimumReplicasAvailable", ""),
        progressing,
      ],
    };
  },
};

/** https://kserve.github.io/website/docs/reference/crd-api: status of an InferenceService */
const inferenceService: WorkloadKind = {
  kind: knownKind("serving.kserve.io/v1beta1", "InferenceService"),
  hashLabel: "serving.knative.dev/revision",
  revisionOf: (name, hash) => `${name}-predictor-${hash}`,
  versionOf({ namespace, name }, hash, template) {
    const metadata = { ...metadataOf(template), namespace, name: this.revisionOf?.(name, hash) ?? hash };
    return { apiVersion: "serving.knative.dev/v1", kind: "Revision", metadata, spec: specOf(template) };
  },
  // Knative makes a Deployment of a revision.
  makerOf({ namespace, name }, hash, template, replicas) {
    const revision = this.revisionOf?.(name, hash) ?? hash;
    const labels = { "serving.kserve.io/inferenceservice": name, component: "predictor", [this.hashLabel]: revision };
    const of = { namespace, name: `${revision}-deployment`, owner: "Deployment" };
    const { labels: own, ...metadata } = metadataOf(template);
    const labelled = {
      ...template,
      metadata: { ...metadata, labels: { ...recordIn({ own: own ?? {} }, "own"), ...labels } },
    };
    return { maker: replicaSet(of, { "pod-template-hash": hash }, labelled, replicas), labels };
  },
  templateOf(object) {
    const {
      annotations,
      labels,
      minReplicas: _,
      maxReplicas: __,
      canaryTrafficPercent: ___,
      ...pod
    } = recordIn(specOf(object), "predictor");
    return { metadata: { annotations: annotations ?? {}, labels: labels ?? {} }, spec: pod };
  },
  replicasOf: (object) => Math.max(1, Number(recordIn(specOf(object), "predictor")["minReplicas"] ?? 1)),
  deadlineOf: () => 600,
  // https://kserve.github.io/website/docs/model-serving/predictive-inference/rollout-strategies/canary
  shareOf(object) {
    const percent = recordIn(specOf(object), "predictor")["canaryTrafficPercent"];
    return typeof percent === "number" && percent < 100 ? percent : undefined;
  },
  statusOf(object, { phase, why, hash, stableHash, weight }) {
    const name = String(metadataOf(object)["name"]);
    const revision = (of: string): string => this.revisionOf?.(name, of) ?? of;
    const sharing = phase === "sharing";
    const ready = phase === "ready" || sharing;
    const serves = stableHash !== undefined;
    const blocked = phase === "failed" || phase === "waiting";
    return {
      // That of Knative's Service below it, which counts by itself: https://github.com/kserve/kserve/issues/6081
      observedGeneration: 1,
      components: {
        predictor: {
          latestCreatedRevision: revision(hash),
          ...(serves
            ? {
                latestReadyRevision: revision(sharing ? hash : stableHash),
                latestRolledoutRevision: revision(stableHash),
              }
            : {}),
          ...(serves ? { traffic: trafficOf(revision(stableHash), sharing ? weight : undefined, revision(hash)) } : {}),
        },
      },
      conditions: [
        condition("PredictorReady", ready ? "True" : blocked ? "False" : "Unknown", ready ? "" : "RevisionFailed", why),
        condition("Ready", ready ? "True" : blocked ? "False" : "Unknown", ready ? "" : "PredictorNotReady", why),
      ],
      modelStatus: {
        transitionStatus: ready ? "UpToDate" : phase === "failed" ? "BlockedByFailedLoad" : "InProgress",
        ...(phase === "failed" ? { lastFailureInfo: { reason: "ModelLoadFailed", message: why ?? "" } } : {}),
      },
    };
  },
};

/** Knative calls the latest that is ready so, which is the one that serves until another is. */
function trafficOf(stable: string, weight: number | undefined, latest: string): readonly JsonObject[] {
  if (weight === undefined) return [{ latestRevision: true, percent: 100, revisionName: stable }];
  return [
    { latestRevision: true, percent: weight, revisionName: latest },
    { latestRevision: false, percent: 100 - weight, revisionName: stable, tag: "prev" },
  ];
}

/** https://argo-rollouts.readthedocs.io/en/stable/features/specification/: status of a Rollout */
const rollout: WorkloadKind = {
  kind: knownKind("argoproj.io/v1alpha1", "Rollout"),
  hashLabel: "rollouts-pod-template-hash",
  versionOf(of, hash, template, replicas) {
    return replicaSet({ ...of, owner: "Rollout" }, { [this.hashLabel]: hash }, template, replicas);
  },
  templateOf: (object) => recordIn(specOf(object), "template"),
  replicasOf: (object) => Number(specOf(object)["replicas"] ?? 1),
  deadlineOf: (object) => Number(specOf(object)["progressDeadlineSeconds"] ?? 600),
  judge(object, analyse) {
    for (const step of stepsOf(object)) {
      const [template] = recordsIn(recordIn(step, "analysis"), "templates");
      if (template !== undefined) {
        const name = String(template["templateName"]);
        const { phase, message } = analyse(name);
        const analysis = { phase, message, metricResults: [{ name, phase, message }] };
        if (phase !== "Successful")
          return { kind: "failed", why: `metric "${name}" assessed ${phase}: ${message}`, analysis };
        return { kind: "passed", why: "", analysis };
      }
      if ("pause" in step && recordIn(step, "pause")["duration"] === undefined)
        return { kind: "paused", why: "CanaryPauseStep" };
    }
    return { kind: "passed", why: "" };
  },
  pausesOf(object) {
    let weight = 0;
    return stepsOf(object).flatMap((step) => {
      if (typeof step["setWeight"] === "number") weight = step["setWeight"];
      const seconds = /^(\d+)s?$/.exec(String(recordIn(step, "pause")["duration"]))?.[1];
      return seconds === undefined ? [] : [{ weight, seconds: Number(seconds) }];
    });
  },
  statusOf(_, { generation, phase, why, hash, stableHash, replicas, weight = 0 }) {
    const phases = {
      progressing: "Progressing",
      waiting: "Progressing",
      ready: "Healthy",
      failed: "Degraded",
      paused: "Paused",
      // Not of a Rollout, which has its steps.
      sharing: "Paused",
    };
    const failed = phase === "failed";
    return {
      // The one controller that writes it as text.
      observedGeneration: String(generation),
      phase: phases[phase],
      message: failed ? `RolloutAborted: Rollout aborted update: ${why}` : (why ?? ""),
      currentPodHash: hash,
      stableRS: stableHash ?? "",
      replicas,
      updatedReplicas: replicas,
      availableReplicas: phase === "ready" || stableHash !== undefined ? replicas : 0,
      ...(phase === "paused" ? { canary: { weights: { canary: { weight }, stable: { weight: 100 - weight } } } } : {}),
      ...(failed ? { abort: true } : {}),
      conditions: [condition("Progressing", failed ? "False" : "True", failed ? "RolloutAborted" : "", why)],
    };
  },
};

/** https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/ */
function replicaSet(
  { namespace, name, owner }: { readonly namespace: string; readonly name: string; readonly owner: string },
  hash: { readonly [label: string]: string },
  template: JsonObject,
  replicas: number,
): JsonObject {
  const labels = { ...recordIn(metadataOf(template), "labels"), ...hash };
  const ownerReferences = [{ kind: owner, name, controller: true }];
  const metadata = { namespace, name: `${name}-${Object.values(hash).join("")}`, labels, ownerReferences };
  const pod = { ...template, metadata: { ...metadataOf(template), labels } };
  const spec = { replicas, template: pod };
  return { apiVersion: "apps/v1", kind: "ReplicaSet", metadata, spec, status: { replicas } };
}

function stepsOf(object: JsonObject): readonly JsonObject[] {
  return recordsIn(recordIn(recordIn(specOf(object), "strategy"), "canary"), "steps");
}

export const workloadKinds: readonly WorkloadKind[] = [deployment, inferenceService, rollout];

function condition(type: string, status: "True" | "False" | "Unknown", reason: string, message = ""): JsonObject {
  return { type, status, reason, message };
}
