import type { DeploymentEvidence } from "../../core/deployment/deployment-target.ts";
import type { Json } from "../../core/encoding/canonical-json.ts";
import { cutText } from "../../core/encoding/cut-text.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";
import type { KubernetesTarget } from "../../core/promotion/target.ts";
import type { Cluster, KubernetesObject } from "./cluster.ts";
import { annotation } from "./served-release.ts";
import { analysisRuns, itemsIn, memberOf, pods, record, workloadKinds } from "./workload-kinds.ts";

/** A few pods say what all of them say. */
const mostPods = 5;

/** The pods of a promotion. */
export function podsOf(cluster: Cluster, { namespace }: KubernetesTarget, promotion: PromotionId) {
  return cluster.list(pods, namespace, `${annotation.promotion}=${promotion}`);
}

/** What the cluster says of a workload, for the ledger: its status, why pods wait, and what was analysed. */
export async function evidenceOf(
  cluster: Cluster,
  target: KubernetesTarget,
  object: KubernetesObject | undefined,
  running: readonly KubernetesObject[],
): Promise<DeploymentEvidence> {
  const { kind } = workloadKinds[target.workload].resource;
  const named = { cluster: target.cluster, namespace: target.namespace, kind, name: target.endpoint };
  if (object === undefined) return { workload: { ...named, status: "absent" } };
  const { generation, resourceVersion, uid } = memberOf(object, "metadata");
  const status = memberOf(object, "status");
  const runs =
    target.workload === "rollout" && typeof status["currentPodHash"] === "string"
      ? await cluster.list(analysisRuns, target.namespace, `rollouts-pod-template-hash=${status["currentPodHash"]}`)
      : [];
  return {
    workload: { ...named, generation: generation ?? null, resourceVersion: resourceVersion ?? null, uid: uid ?? null },
    status: shortened(status),
    pods: running.slice(0, mostPods).map(podEvidence),
    ...(runs.length === 0 ? {} : { analyses: runs.map(runEvidence) }),
  };
}

/** Why the first of the pods waits, in the words of its container: what people look for first. */
export function waitingFor(evidence: DeploymentEvidence): string | undefined {
  for (const pod of itemsIn(evidence, "pods")) {
    const [waiting] = itemsIn(pod, "waiting");
    if (waiting !== undefined) return `${waiting["reason"]}: ${waiting["message"]}`;
  }
  return undefined;
}

/** What Argo CD says of an Application, without the list of all that it brings. */
export function applicationEvidence(
  { name, namespace }: { readonly name: string; readonly namespace: string },
  application: KubernetesObject | undefined,
): KubernetesObject {
  if (application === undefined) return { name, namespace, status: "absent" };
  const status = memberOf(application, "status");
  const { comparedTo: _, ...sync } = memberOf(status, "sync");
  const { phase, message, startedAt, finishedAt, syncResult } = memberOf(status, "operationState");
  const { revision, revisions } = record(syncResult);
  const operation = { phase, message: shortText(message), startedAt, finishedAt, revision, revisions };
  return {
    name,
    namespace,
    generation: memberOf(application, "metadata")["generation"] ?? null,
    sync,
    health: memberOf(status, "health"),
    operation: Object.fromEntries(
      Object.entries(operation).filter((entry): entry is [string, Json] => entry[1] !== undefined),
    ),
    conditions: itemsIn(status, "conditions").map(({ type, message: told }) => ({
      type: type ?? "",
      message: shortText(told) ?? "",
    })),
  };
}

/** The same of the pods with a label. */
export async function reasonOfPods(cluster: Cluster, namespace: string, labels: string): Promise<string | undefined> {
  const found = await cluster.list(pods, namespace, labels);
  return waitingFor({ pods: found.slice(0, mostPods).map(podEvidence) });
}

function podEvidence(pod: KubernetesObject): KubernetesObject {
  const { phase } = memberOf(pod, "status");
  const waiting = ["initContainerStatuses", "containerStatuses"].flatMap((list) =>
    itemsIn(memberOf(pod, "status"), list).flatMap((container) => {
      const { reason, message } = memberOf(memberOf(container, "state"), "waiting");
      const told = {
        container: container["name"] ?? "",
        reason: reason ?? "",
        message: shortText(message) ?? "",
      };
      return reason === undefined ? [] : [told];
    }),
  );
  return {
    name: memberOf(pod, "metadata")["name"] ?? "",
    phase: phase ?? "",
    ...(waiting.length === 0 ? {} : { waiting }),
  };
}

function runEvidence(run: KubernetesObject): KubernetesObject {
  const { phase, message } = memberOf(run, "status");
  const metrics = itemsIn(memberOf(run, "status"), "metricResults").map((metric): KubernetesObject => {
    const { name, phase: outcome, message: told } = metric;
    return { name: name ?? "", phase: outcome ?? "", message: told ?? "" };
  });
  return { name: memberOf(run, "metadata")["name"] ?? "", phase: phase ?? "", message: message ?? "", metrics };
}

function shortText(message: Json | undefined): string | undefined {
  return message === undefined ? undefined : cutText(String(message), 500);
}

/** A status as it is, without what grows: histories and lists of addresses. */
function shortened(status: KubernetesObject): KubernetesObject {
  const { address: _, url: __, history: ___, ...told } = status;
  return Object.fromEntries(Object.entries(told).filter((entry): entry is [string, Json] => entry[1] !== undefined));
}
