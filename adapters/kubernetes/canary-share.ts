import type { Traffic } from "../../core/promotion/traffic.ts";
import type { KubernetesObject } from "./cluster.ts";
import { itemsIn, memberOf } from "./workload-kinds.ts";

// https://kserve.github.io/website/docs/model-serving/predictive-inference/rollout-strategies/canary

/** A part of the requests that an InferenceService gives to its latest revision, until it is given another. */
export function asShare(percent: number): Traffic {
  return { kind: "weights", steps: [{ percent, waitSeconds: 0 }] };
}

/** What an InferenceService is to be asked for as its release begins; `undefined`: all of the requests. */
export function firstShare(traffic: Traffic | undefined): number | undefined {
  return traffic?.kind === "weights" ? traffic.steps[0]?.percent : undefined;
}

/** The part that it is asked to give to its latest revision; `undefined`: all, and what ran before is no more kept for it. */
export function askedShare(service: KubernetesObject): number | undefined {
  const percent = memberOf(memberOf(service, "spec"), "predictor")["canaryTrafficPercent"];
  return typeof percent === "number" ? percent : undefined;
}

/** The part that Knative gives to it, as the status says. */
export function givenShare(service: KubernetesObject): number | undefined {
  const latest = itemsIn(predictorStatus(service), "traffic").find(({ latestRevision }) => latestRevision === true);
  return typeof latest?.["percent"] === "number" ? latest["percent"] : undefined;
}

/**
 * The revisions that answer beside what it asks for, as the status says; `latestReady`: the latest that is ready, where a later one is not,
 * which Knative calls its latest meanwhile.
 */
export function answeringRevisions(
  service: KubernetesObject,
): readonly { readonly name: string; readonly latestReady: boolean }[] {
  const status = predictorStatus(service);
  return itemsIn(status, "traffic").flatMap(({ latestRevision, revisionName, percent }) => {
    const isAsked = latestRevision === true && revisionName === status["latestCreatedRevision"];
    if (isAsked || typeof revisionName !== "string" || Number(percent ?? 0) === 0) return [];
    return [{ name: revisionName, latestReady: latestRevision === true }];
  });
}

/** Why it could not hold a part of the requests, in words that follow its name. */
export function whyNoShare(service: KubernetesObject): string | undefined {
  return predictorStatus(service)["latestRolledoutRevision"] === undefined
    ? "has no revision that was rolled out: without Knative, KServe splits no requests"
    : undefined;
}

/** The revision that Knative made last, and the last that is ready; neither where there is no Knative. */
export function latestRevision(service: KubernetesObject): {
  readonly created: string | undefined;
  readonly ready: string | undefined;
} {
  const { latestCreatedRevision: created, latestReadyRevision: ready } = predictorStatus(service);
  const named = (value: unknown) => (typeof value === "string" ? value : undefined);
  return { created: named(created), ready: named(ready) };
}

function predictorStatus(service: KubernetesObject): KubernetesObject {
  return memberOf(memberOf(memberOf(service, "status"), "components"), "predictor");
}
