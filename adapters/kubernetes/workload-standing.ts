import type { Deployment, Preflight, Progress, Running } from "../../core/deployment/deployment-target.ts";
import type { Order } from "../../core/deployment/order.ts";
import { placeOf, workloadNames } from "../../core/deployment/place.ts";
import { canonicalJson } from "../../core/encoding/canonical-json.ts";
import { isGzippedTar } from "../../core/promotion/model-archive.ts";
import { type KubernetesTarget, kserveContainer } from "../../core/promotion/target.ts";
import type { Release, Traffic } from "../../core/promotion/traffic.ts";
import { askedShare, givenShare, whyNoShare } from "./canary-share.ts";
import type { KubernetesObject } from "./cluster.ts";
import { modelAtRisk } from "./model-folder.ts";
import { holdsAll, releaseDocument } from "./release-document.ts";
import { whyNoWeights } from "./rollout-steps.ts";
import { releaseIn, releaseOfRevision, revisionOf, type ServedRelease, sameRelease } from "./served-release.ts";
import { isGone, isStopped } from "./stopped.ts";
import { whyToldOtherwise } from "./told-beside.ts";
import { itemsIn, memberOf, workloadKinds } from "./workload-kinds.ts";
import { isHeldBack, type WorkloadState } from "./workload-state.ts";

/** Whether the workload, as it is, takes a release in the way that was asked for. */
export function preflightOf(
  target: KubernetesTarget,
  object: KubernetesObject | undefined,
  release: (running: Running) => Release,
  running: Running,
): Preflight {
  const why = obstacle(target, object);
  if (why !== undefined) return { kind: "impossible", why };
  const how = release(running);
  const refusal = whyNotReleased(how, target, object);
  if (refusal !== undefined) return { kind: "impossible", why: refusal };
  return { kind: "possible", release: how, running };
}

/** Why the workload would not let traffic come over as it is asked, or nothing would watch it. */
function whyNotReleased(
  { traffic, alarms }: Release,
  target: KubernetesTarget,
  object: KubernetesObject | undefined,
): string | undefined {
  const name = workloadName(target);
  // Where its steps are not ours to write, how traffic comes over is the workload's own strategy.
  if (target.traffic === undefined && (traffic.kind !== "all-at-once" || traffic.waitSeconds > 0))
    return `Traffic in ${name} follows the strategy of the ${workloadNames[target.workload]}; steps cannot be asked for here.`;
  const weights = object === undefined ? undefined : whyNoPart(object, target);
  if (weights !== undefined) return `The ${name} ${weights}.`;
  if (alarms !== undefined && (alarms.kind !== "own" || target.metrics === undefined))
    return `Nothing watches the ${name}: its target names no 'metrics'.`;
  return undefined;
}

/** Why it could give no part of the traffic to what is approved, where its target says that it does. */
function whyNoPart(object: KubernetesObject, target: KubernetesTarget): string | undefined {
  if (target.traffic === undefined) return undefined;
  return target.workload === "inference-service" ? whyNoShare(object) : whyNoWeights(object, target);
}

/** Why the target cannot take any release, in a sentence. */
export function obstacle(target: KubernetesTarget, object: KubernetesObject | undefined): string | undefined {
  if (object === undefined) {
    if (target.told !== undefined)
      return `There is no ${workloadName(target)} yet, and what its target names by 'told' is for whoever runs the cluster to write.`;
    if (target.workload === "inference-service" && target.container !== kserveContainer)
      return `There is no ${workloadName(target)} yet, and KServe would call its container '${kserveContainer}', not '${target.container}', as its target does.`;
    return workloadKinds[target.workload].canBeCreated
      ? undefined
      : `There is no ${workloadName(target)}; its strategy is for whoever runs the cluster to write.`;
  }
  if (releaseIn(object, target) === undefined)
    return `The ${workloadName(target)} has no container '${target.container}'.`;
  if (target.workload === "deployment" && isHeldBack(memberOf(object, "spec")))
    return `The ${workloadName(target)} is paused: nothing that it is asked for comes to run.`;
  const risk = modelAtRisk(object, target) ?? whyToldOtherwise(object, target);
  return risk === undefined ? undefined : riskSentence(target, risk);
}

function riskSentence(target: KubernetesTarget, risk: string): string {
  return `The ${workloadName(target)} could serve other bytes than those that were approved: ${risk}.`;
}

/** `state`: of a workload that is there. */
export function runningOf(
  object: KubernetesObject | undefined,
  target: KubernetesTarget,
  state: WorkloadState | undefined,
): Running {
  if (object === undefined || state === undefined || isStopped(object)) return {};
  const release = releaseIn(object, target);
  if (release === undefined)
    return memberOf(object, "spec")["replicas"] === 0 ? {} : { revision: foreignRevision(object, target) };
  const promotion = release.approved?.promotion;
  const revision = revisionOf(release);
  // What answers a part of the requests is on its way to all of them, also where its controller has done what it was asked.
  const busy = state.kind === "busy" || askedShare(object) !== undefined;
  return {
    revision,
    ...(promotion === undefined ? {} : { promotion }),
    ...(busy ? { changingTo: promotion ?? revision } : {}),
  };
}

/** What somebody else runs in its place, without a container of the target's name, as far as it is told apart by. */
function foreignRevision(object: KubernetesObject, target: KubernetesTarget): string {
  const { spec } = workloadKinds[target.workload].podOf(object);
  const containers = itemsIn(spec, "containers").map(({ name, image }) => ({
    name: name ?? null,
    image: image ?? null,
  }));
  // Of a predictor of KServe's own there is none.
  const members = Object.keys(spec)
    .filter((name) => name !== "containers")
    .sort();
  return canonicalJson({ kind: workloadKinds[target.workload].resource.kind, containers, members }).slice(
    0,
    longestRevision,
  );
}

/** It stands in a record. */
const longestRevision = 1000;

export function judged(
  deployment: Deployment,
  target: KubernetesTarget,
  object: KubernetesObject | undefined,
  state: WorkloadState | undefined,
  waiting: string | undefined,
): Pick<Progress, "kind" | "why" | "percent" | "unwell"> {
  const name = workloadName(target);
  const { previous } = deployment;
  if (object === undefined || state === undefined) {
    return previous === undefined
      ? { kind: "returned", why: `The ${name} is gone; before, there was none either.` }
      : { kind: "displaced", why: `The ${name} is gone: somebody removed it.` };
  }
  if (previous === undefined && isStopped(object))
    return isGone(object)
      ? { kind: "returned", why: `The ${name} is scaled to nothing.` }
      : { kind: "under-way", why: `The ${name} is being scaled to nothing.` };
  const running = releaseIn(object, target);
  const told = waiting === undefined ? state.why : `${state.why} (${waiting})`;
  if (running?.approved?.promotion === deployment.promotion) {
    const wanted = releaseOf(deployment, running.approved.verdict, target);
    if (!holdsAll(object, releaseDocument(wanted, target, object, comparable(deployment.release.traffic)))) {
      return { kind: "unhealthy", why: `The ${name} is not what was approved any more: somebody changed it.` };
    }
    const risk = modelAtRisk(object, target) ?? whyToldOtherwise(object, target);
    if (risk !== undefined) return { kind: "unhealthy", why: riskSentence(target, risk) };
    switch (state.kind) {
      case "busy":
        return { kind: "under-way", why: `The ${name} is on its way: ${withStop(told)}` };
      case "ready": {
        const part = sharing(object, name);
        if (part === undefined) return { kind: "serving", why: `The ${name} serves the approved model.` };
        // Where no release gave it a part, one field is enough to bring an earlier model back.
        return deployment.release.traffic.kind === "weights"
          ? part
          : { kind: "unhealthy", why: `The ${name} leaves requests with an earlier revision: somebody changed it.` };
      }
      case "failed": {
        const why = `The ${name} failed: ${withStop(told)}`;
        return state.earlier === true ? { kind: "unhealthy", why } : { kind: "unhealthy", unwell: true, why };
      }
      default:
        return state.kind satisfies never;
    }
  }
  if (running !== undefined && previous !== undefined && sameRelease(running, releaseOfRevision(previous))) {
    switch (state.kind) {
      case "busy":
        return { kind: "under-way", why: `The ${name} goes back to what ran before: ${withStop(told)}` };
      case "ready":
        // All requests are back with what ran before, which is to be kept by itself again.
        if (askedShare(object) !== undefined)
          return { kind: "sharing", percent: 0, why: `The ${name} answers with what ran before.` };
        return { kind: "returned", why: `The ${name} runs again what ran before.` };
      case "failed":
        return { kind: "broken", why: `The ${name} cannot run what ran before any more: ${withStop(told)}` };
      default:
        return state.kind satisfies never;
    }
  }
  return {
    kind: "displaced",
    why: `The ${name} runs neither what was approved nor what ran before: somebody changed it.`,
  };
}

/** What an InferenceService is asked to give changes from step to step, and is judged by the part that is seen. */
function comparable(traffic: Traffic): Traffic {
  return traffic.kind === "weights" ? { kind: "all-at-once", waitSeconds: 0 } : traffic;
}

/** What is approved beside what ran before, with a part of the requests. */
function sharing(object: KubernetesObject, name: string): Pick<Progress, "kind" | "why" | "percent"> | undefined {
  const percent = askedShare(object);
  if (percent === undefined) return undefined;
  if (givenShare(object) !== percent)
    return { kind: "under-way", why: `The ${name} is on its way to ${percent} percent of the requests.` };
  return {
    kind: "sharing",
    percent,
    why: `The ${name} answers ${percent} percent of the requests with the approved model.`,
  };
}

export function releaseOf(
  { image, model, promotion }: Order,
  verdict: string,
  { fetcher, unpack }: KubernetesTarget,
): ServedRelease {
  const unpacked = unpack && isGzippedTar(model.uri) ? { unpack } : {};
  return { image, approved: { promotion, verdict, model, fetcher, ...unpacked } };
}

/** `Deployment 'models/scorer'` */
export function workloadName(target: KubernetesTarget): string {
  return placeOf(target).replace(/^the /, "");
}

/** What controllers say ends with a stop and without. */
export function withStop(reason: string): string {
  return `${reason.trim().replace(/\.$/, "")}.`;
}
