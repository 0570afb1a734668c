import { canonicalJson } from "../../core/encoding/canonical-json.ts";
import { cutText } from "../../core/encoding/cut-text.ts";
import { patchesIn, patchesOfSource, syncsByItself } from "./application-document.ts";
import { commitsIn, type SourceName, sourceIn } from "./application-source.ts";
import type { KubernetesObject } from "./cluster.ts";
import { itemsIn, memberOf, record } from "./workload-kinds.ts";

/** How far Argo CD is with what its Application asks for at this moment. */
export interface SyncState {
  readonly kind: "busy" | "synced" | "failed";
  /** A part of a sentence. */
  readonly why: string;
}

/** An operation that has begun, or was asked for, is ended before another is taken. */
export function isBeingSynced(application: KubernetesObject): boolean {
  const { phase } = memberOf(memberOf(application, "status"), "operationState");
  return application["operation"] !== undefined || phase === "Running" || phase === "Terminating";
}

/** Whether a sync of exactly the patches that it has now is over, however it went. */
export function wasSynced(application: KubernetesObject, source: SourceName): boolean {
  const { syncResult } = memberOf(memberOf(application, "status"), "operationState");
  return !isBeingSynced(application) && isOver(record(syncResult), application, source);
}

/**
 * By the fields that the Application's definition documents: the last operation was over exactly these patches and
 * succeeded, what is live is what they make of the commit, and it is healthy. What Argo CD said of an earlier wish counts for
 * nothing. https://github.com/argoproj/argo-cd/blob/master/manifests/crds/application-crd.yaml
 */
export function syncStateOf(application: KubernetesObject, source: SourceName): SyncState {
  const status = memberOf(application, "status");
  if (isBeingSynced(application)) return busy("Argo CD syncs it");
  const operation = memberOf(status, "operationState");
  const result = memberOf(operation, "syncResult");
  if (!isOver(result, application, source)) {
    const trouble = troubleIn(status);
    return busy(trouble === undefined ? "Argo CD has not synced the change yet" : `Argo CD says: ${trouble}`);
  }
  const { phase, message } = operation;
  if (phase === "Failed" || phase === "Error")
    return { kind: "failed", why: `Argo CD could not sync it${told(message)}` };
  if (phase !== "Succeeded") return busy(`its sync is ${String(phase)}`);
  const sync = memberOf(status, "sync");
  if (!isOver(memberOf(sync, "comparedTo"), application, source))
    return busy("Argo CD has not compared it with the change yet");
  // A commit that nobody has asked to be synced is whoever's it is, and so is what Argo CD misses of it: what runs is of
  // the one that was.
  const same = canonicalJson(commitsIn(sync, source) ?? {}) === canonicalJson(commitsIn(result, source) ?? {});
  if (!same && sync["status"] !== "Synced" && !syncsByItself(application))
    return { kind: "synced", why: "it was synced as it was asked to be, and its branch has gone on" };
  if (sync["status"] !== "Synced") return busy(`it is ${String(sync["status"])}${told(troubleIn(status))}`);
  return healthOf(memberOf(status, "health"));
}

/** https://argo-cd.readthedocs.io/en/stable/operator-manual/health/ */
function healthOf({ status, message }: KubernetesObject): SyncState {
  switch (status) {
    case "Healthy":
      return { kind: "synced", why: "it is Synced and Healthy" };
    case "Degraded":
      return { kind: "failed", why: `it is Degraded${told(message)}` };
    default:
      return busy(`it is ${String(status)}${told(message)}`);
  }
}

/** Whether Argo CD speaks of the patches that the Application has now. */
function isOver(told: KubernetesObject, application: KubernetesObject, source: SourceName): boolean {
  return canonicalJson(patchesOfSource(sourceIn(told, source))) === canonicalJson(patchesIn(application, source));
}

function troubleIn(status: KubernetesObject): string | undefined {
  const error = itemsIn(status, "conditions").find(({ type }) => String(type).endsWith("Error"));
  return error === undefined ? undefined : cutText(String(error["message"]), 500);
}

function told(message: unknown): string {
  return typeof message === "string" && message !== "" ? `: ${cutText(message, 500)}` : "";
}

function busy(why: string): SyncState {
  return { kind: "busy", why };
}
