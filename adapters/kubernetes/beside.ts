import { isPromotionId, type PromotionId } from "../../core/promotion/promotion-id.ts";
import type { KubernetesTarget } from "../../core/promotion/target.ts";
import { otherRevisions } from "./canary-share.ts";
import type { Cluster, KubernetesObject } from "./cluster.ts";
import { annotation } from "./served-release.ts";
import { memberOf, pods } from "./workload-kinds.ts";

/**
 * The promotion whose pods answer beside what the workload asks for, where some of ours do. The workload itself does not
 * say it: a Rollout names the hash of what is stable, an InferenceService a revision, and the pods of both carry the promotion.
 */
export async function besideIn(
  cluster: Cluster,
  target: KubernetesTarget,
  object: KubernetesObject,
  asked: PromotionId | undefined,
): Promise<PromotionId | undefined> {
  for (const labels of othersIn(object, target.workload)) {
    const found = await cluster.list(pods, target.namespace, labels);
    const promotions = found.map((pod) => memberOf(memberOf(pod, "metadata"), "labels")[annotation.promotion]);
    const other = promotions.filter(isPromotionId).find((promotion) => promotion !== asked);
    if (other !== undefined) return other;
  }
  return undefined;
}

/** The labels of the pods that answer beside what is asked for. */
function othersIn(object: KubernetesObject, workload: KubernetesTarget["workload"]): readonly string[] {
  switch (workload) {
    case "deployment":
      // Its old pods answer for as long as they are replaced.
      return [];
    case "inference-service":
      return otherRevisions(object).map((revision) => `serving.knative.dev/revision=${revision}`);
    case "rollout": {
      const { stableRS, currentPodHash } = memberOf(object, "status");
      return typeof stableRS !== "string" || stableRS === currentPodHash
        ? []
        : [`rollouts-pod-template-hash=${stableRS}`];
    }
    default:
      return workload satisfies never;
  }
}
