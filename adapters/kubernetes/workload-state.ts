import type { KubernetesTarget } from "../../core/promotion/target.ts";
import type { KubernetesObject } from "./cluster.ts";
import { itemsIn, memberOf } from "./workload-kinds.ts";

/** How far a workload is with what it is asked to run. */
export interface WorkloadState {
  readonly kind: "busy" | "ready" | "failed";
  /** A part of a sentence. */
  readonly why: string;
}

/** What the workload's own controller says, by the fields that it documents. */
export function stateOf(object: KubernetesObject, workload: KubernetesTarget["workload"]): WorkloadState {
  const status = memberOf(object, "status");
  // A Rollout writes the generation that it has seen as text.
  const seen = Number(status["observedGeneration"] ?? -1);
  if (seen < Number(memberOf(object, "metadata")["generation"]))
    return busy("its controller has not seen the change yet");
  switch (workload) {
    case "deployment":
      return ofDeployment(memberOf(object, "spec"), status);
    case "inference-service":
      return ofInferenceService(status);
    case "rollout":
      return ofRollout(status);
    default:
      return workload satisfies never;
  }
}

/** Whether requests may go to what the workload ran before, whatever it is asked to run. */
export function leavesToEarlier(object: KubernetesObject, workload: KubernetesTarget["workload"]): boolean {
  const status = memberOf(object, "status");
  switch (workload) {
    case "deployment":
      return Number(status["replicas"] ?? 0) > Number(status["updatedReplicas"] ?? 0);
    case "inference-service": {
      const { latestCreatedRevision, latestReadyRevision } = memberOf(memberOf(status, "components"), "predictor");
      return latestCreatedRevision !== latestReadyRevision;
    }
    case "rollout":
      return status["currentPodHash"] !== status["stableRS"];
    default:
      return workload satisfies never;
  }
}

/** As `kubectl rollout status` judges: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#complete-deployment */
function ofDeployment(spec: KubernetesObject, status: KubernetesObject): WorkloadState {
  const progressing = conditionOf(status, "Progressing");
  if (progressing?.["reason"] === "ProgressDeadlineExceeded") return failed(sentenceOf(progressing));
  // Nothing comes, and nothing says by when it had to.
  if (isHeldBack(spec) && Number(status["replicas"] ?? 0) > Number(status["updatedReplicas"] ?? 0))
    return failed("it is paused");
  const wanted = Number(spec["replicas"] ?? 1);
  if (wanted === 0) return failed("it is scaled to no replica, so nobody can tell whether the model is well");
  const [updated, total, available] = ["updatedReplicas", "replicas", "availableReplicas"].map((name) =>
    Number(status[name] ?? 0),
  );
  if (updated === undefined || updated < wanted) return busy(`${updated ?? 0} of ${wanted} replicas are new`);
  if (total !== updated) return busy("replicas of what ran before are still there");
  if (available !== updated) return busy(`${available ?? 0} of ${wanted} replicas are ready`);
  return ready;
}

/** https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#pausing-and-resuming-a-deployment */
export function isHeldBack(spec: KubernetesObject): boolean {
  return spec["paused"] === true;
}

/** https://kserve.github.io/website/docs/reference/crd-api: `status` of an InferenceService */
function ofInferenceService(status: KubernetesObject): WorkloadState {
  const model = memberOf(status, "modelStatus");
  const { reason, message } = memberOf(model, "lastFailureInfo");
  const transition = model["transitionStatus"];
  if (transition === "BlockedByFailedLoad" || transition === "InvalidSpec")
    return failed(
      `${transition}${reason === undefined ? "" : `, ${reason}`}${message === undefined ? "" : `: ${message}`}`,
    );
  const { latestCreatedRevision: created, latestReadyRevision: current } = memberOf(
    memberOf(status, "components"),
    "predictor",
  );
  const condition = conditionOf(status, "Ready");
  if (condition?.["status"] !== "True")
    return busy(condition === undefined ? "it says nothing yet" : sentenceOf(condition));
  // Without Knative there are no revisions, and Ready alone says it.
  if (created !== current) return busy(`revision ${created} is not ready yet`);
  if (transition !== undefined && transition !== "UpToDate") return busy(`its model is ${transition}`);
  return ready;
}

/** https://argo-rollouts.readthedocs.io/en/stable/features/specification/: `status` of a Rollout */
function ofRollout(status: KubernetesObject): WorkloadState {
  const { phase, message, abort, currentPodHash, stableRS } = status;
  const why = typeof message === "string" && message !== "" ? message : `it is ${phase}`;
  if (abort === true) return failed(why);
  switch (phase) {
    case "Healthy":
      return currentPodHash === stableRS ? ready : busy("what is asked for is not what is stable yet");
    case "Degraded":
      return failed(why);
    default:
      return busy(why);
  }
}

const ready: WorkloadState = { kind: "ready", why: "all of it is ready" };

function busy(why: string): WorkloadState {
  return { kind: "busy", why };
}

function failed(why: string): WorkloadState {
  return { kind: "failed", why };
}

function conditionOf(status: KubernetesObject, type: string): KubernetesObject | undefined {
  return itemsIn(status, "conditions").find((each) => each["type"] === type);
}

function sentenceOf({ type, status, reason, message }: KubernetesObject): string {
  const told = typeof message === "string" && message !== "" ? message : reason;
  return told === undefined || told === "" ? `${type} is ${status}` : String(told);
}
