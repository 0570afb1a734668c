import type { KubernetesObject } from "./cluster.ts";
import { itemsIn, memberOf } from "./workload-kinds.ts";

/** How far a workload is with what it is asked to run. */
export interface WorkloadState {
  readonly kind: "busy" | "ready" | "failed";
  /** A part of a sentence. */
  readonly why: string;
  /** Whether requests may go to what the workload ran before, whatever it is asked to run. */
  readonly earlier?: boolean;
}

/** What the controller of a Deployment or a Rollout says, by the fields that it documents. */
export function stateOf(object: KubernetesObject, workload: "deployment" | "rollout"): WorkloadState {
  const status = memberOf(object, "status");
  // A Rollout writes the generation that it has seen as text.
  const seen = Number(status["observedGeneration"] ?? -1);
  if (seen < Number(memberOf(object, "metadata")["generation"]))
    return busy("its controller has not seen the change yet");
  const state = workload === "deployment" ? ofDeployment(memberOf(object, "spec"), status) : ofRollout(status);
  return { ...state, earlier: leavesToEarlier(status, workload) };
}

/** Whether requests may go to what the workload ran before. */
export function leavesToEarlier(status: KubernetesObject, workload: "deployment" | "rollout"): boolean {
  return workload === "deployment"
    ? Number(status["replicas"] ?? 0) > Number(status["updatedReplicas"] ?? 0)
    : status["currentPodHash"] !== status["stableRS"];
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

/** What KServe says of an InferenceService, of whichever change. https://kserve.github.io/website/docs/reference/crd-api: `status` */
export function toldState(status: KubernetesObject): WorkloadState {
  const model = memberOf(status, "modelStatus");
  const { reason, message } = memberOf(model, "lastFailureInfo");
  const transition = model["transitionStatus"];
  if (transition === "BlockedByFailedLoad" || transition === "InvalidSpec")
    return failed(
      `${transition}${reason === undefined ? "" : `, ${reason}`}${message === undefined ? "" : `: ${message}`}`,
    );
  const condition = conditionOf(status, "Ready");
  if (condition?.["status"] !== "True")
    return busy(condition === undefined ? "it says nothing yet" : sentenceOf(condition));
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

export function busy(why: string): WorkloadState {
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
