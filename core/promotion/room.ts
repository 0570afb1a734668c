import { accountNumber } from "./account-number.ts";
import type { ComponentTarget, DeployedTarget, KubernetesTarget, SageMakerTarget, Target } from "./target.ts";

/** What of a target says where it is, beside the endpoint's name. */
type Housed =
  | Pick<SageMakerTarget | ComponentTarget, "kind" | "account">
  | Pick<KubernetesTarget, "kind" | "account" | "cluster" | "namespace" | "workload">
  | { readonly kind: "pipeline" | "webhook" | "policy" };

/**
 * Within which an endpoint's name stands for one thing; `undefined` where whoever deploys says in their own words what
 * they deploy to.
 */
export function roomOf(place: Housed): string | undefined {
  switch (place.kind) {
    case "sagemaker-endpoint":
    case "sagemaker-inference-component":
      return JSON.stringify([place.kind, accountNumber(place.account) ?? ""]);
    case "kubernetes":
      return JSON.stringify([
        place.kind,
        accountNumber(place.account) ?? "",
        place.cluster,
        place.namespace,
        place.workload,
      ]);
    case "pipeline":
    case "webhook":
    case "policy":
      return undefined;
    default:
      return place satisfies never;
  }
}

/**
 * Whether what was approved for one target would run where the other leads to. All of a target may change between two
 * releases, and its name with it; another receiver of messages may deploy anywhere.
 */
export function isSamePlace(a: Target, b: Target): boolean {
  return a.kind === b.kind && addressOf(a) === addressOf(b);
}

/** The same for targets that lead to one place, whatever they are called. */
export function addressOf(target: Target): string {
  const room = roomOf(target);
  if (room === undefined) return JSON.stringify([target.endpoint, target.kind === "webhook" ? target.url : ""]);
  // SageMaker takes names that differ by their case alone for one, and Kubernetes has no capitals.
  return JSON.stringify([room, target.endpoint.toLowerCase()]);
}

/** Whether it is an endpoint of SageMaker in our own account, where its name says which. */
export function isEndpointHere(target: DeployedTarget): target is SageMakerTarget {
  return target.kind === "sagemaker-endpoint" && target.account === undefined;
}
