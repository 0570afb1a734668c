import type {
  Deployment,
  DeploymentTarget,
  Preflight,
  Progress,
  Running,
} from "../../core/deployment/deployment-target.ts";
import type { Order } from "../../core/deployment/order.ts";
import { placeOf, workloadNames } from "../../core/deployment/place.ts";
import { requireKind } from "../../core/deployment/target-kind.ts";
import { Failure } from "../../core/failure.ts";
import type { KubernetesTarget, Target } from "../../core/promotion/freeze-manifest.ts";
import type { Release } from "../../core/promotion/traffic.ts";
import type { Cluster, KubernetesObject } from "./cluster.ts";
import { evidenceOf, waitingFor } from "./evidence.ts";
import { modelAtRisk } from "./model-folder.ts";
import { holdsAll, mayTakeOver, releaseDocument } from "./release-document.ts";
import {
  annotation,
  isOurs,
  releaseIn,
  releaseOfRevision,
  revisionOf,
  type ServedRelease,
  sameRelease,
} from "./served-release.ts";
import { memberOf, workloadKinds } from "./workload-kinds.ts";
import { stateOf } from "./workload-state.ts";

/** Opens the cluster of that name, as the role that this function has. */
export type OpenCluster = (name: string) => Promise<Cluster>;

/**
 * A workload on Kubernetes: a Deployment, an InferenceService of KServe or a Rollout of Argo. Nothing is staged in the
 * cluster: what runs is changed by one server-side apply, and the workload itself carries the promotion's id.
 */
export function kubernetesTarget(open: OpenCluster): DeploymentTarget {
  const found = async (given: Target) => {
    const target = requireKind(given, "kubernetes");
    const cluster = await open(target.cluster);
    const { resource } = workloadKinds[target.workload];
    const object = await cluster.get(resource, target.namespace, target.endpoint);
    return { target, cluster, resource, object };
  };
  return {
    async describeRunning(given) {
      const { target, object } = await found(given);
      return runningOf(object, target);
    },

    async preflight(order, release) {
      const { target, object } = await found(order.target);
      return preflightOf(target, object, release);
    },

    async start(order) {
      const { target, cluster, object } = await found(order.target);
      const wanted = releaseOf(order, order.verdict, target);
      const running = object === undefined ? undefined : releaseIn(object, target);
      if (running !== undefined && sameRelease(running, wanted)) return;
      const why = obstacle(target, object);
      if (why !== undefined) throw new Failure("deployment-refused", why);
      await applyRelease(cluster, target, wanted, object);
    },

    async check(deployment) {
      const { target, cluster, object } = await found(deployment.target);
      const evidence = await evidenceOf(cluster, target, deployment.promotion, object);
      return { ...judged(deployment, target, object, waitingFor(evidence)), evidence };
    },

    async rollBack(deployment) {
      const { target, cluster, resource, object } = await found(deployment.target);
      const running = object === undefined ? undefined : releaseIn(object, target);
      if (deployment.previous === undefined) {
        // Only what we made, and only while it is still this promotion's.
        if (object !== undefined && isOurs(object) && running?.approved?.promotion === deployment.promotion)
          await cluster.remove(resource, target.namespace, target.endpoint);
        return;
      }
      const previous = releaseOfRevision(deployment.previous);
      if (running === undefined || !sameRelease(running, previous))
        await applyRelease(cluster, target, previous, object);
    },

    // The workload is all there is: no alarm, no second copy.
    settle: () => Promise.resolve(),

    async cleanUp(promotion, given) {
      const target = requireKind(given, "kubernetes");
      const { resource } = workloadKinds[target.workload];
      const cluster = await open(target.cluster);
      const carrying = await cluster.list(resource, target.namespace, `${annotation.promotion}=${promotion}`);
      return {
        removed: [],
        left: carrying.map((each) => `${resource.kind} ${String(memberOf(each, "metadata")["name"])}`),
      };
    },
  };
}

/** How often a workload is read again because its controller reported on it meanwhile. */
const attempts = 4;

/**
 * Puts a release into the workload as it was read; takes over from others the fields that say what runs, and no other.
 * Throws `unavailable` where somebody else changed what runs since it was read.
 */
async function applyRelease(
  cluster: Cluster,
  target: KubernetesTarget,
  release: ServedRelease,
  read: KubernetesObject | undefined,
): Promise<void> {
  const { resource } = workloadKinds[target.workload];
  let object = read;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await applyOnce(cluster, target, releaseDocument(release, target, object));
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== "conflict") throw error;
      const again = await cluster.get(resource, target.namespace, target.endpoint);
      if (attempt === attempts || revisionIn(again, target) !== revisionIn(read, target))
        throw new Failure("unavailable", `The ${nameOf(target)} is being changed at the moment.`, { cause: error });
      object = again;
    }
  }
}

async function applyOnce(cluster: Cluster, target: KubernetesTarget, document: KubernetesObject): Promise<void> {
  const { resource } = workloadKinds[target.workload];
  const first = await cluster.apply(resource, target.namespace, document, false);
  if (first.kind === "applied") return;
  const foreign = first.conflicts.find(({ field }) => !mayTakeOver(field, target));
  if (foreign !== undefined) {
    throw new Failure(
      "deployment-refused",
      `Somebody else keeps ${foreign.field} of the ${nameOf(target)} at another value (${foreign.message}); it is not taken over.`,
    );
  }
  await cluster.apply(resource, target.namespace, document, true);
}

function revisionIn(object: KubernetesObject | undefined, target: KubernetesTarget): string | undefined {
  const release = object === undefined ? undefined : releaseIn(object, target);
  return release === undefined ? undefined : revisionOf(release);
}

function preflightOf(
  target: KubernetesTarget,
  object: KubernetesObject | undefined,
  release: (running: Running) => Release,
): Preflight {
  const running = runningOf(object, target);
  const why = obstacle(target, object);
  if (why !== undefined) return { kind: "impossible", why };
  const how = release(running);
  const { kind, waitSeconds } = how.traffic;
  // How traffic comes over is the workload's own strategy, which this service neither sets nor can see the end of.
  if (kind !== "all-at-once" || waitSeconds > 0 || how.alarms !== undefined) {
    return {
      kind: "impossible",
      why: `Traffic in ${nameOf(target)} follows the strategy of the ${workloadNames[target.workload]}; steps and alarms cannot be asked for here.`,
    };
  }
  return { kind: "possible", release: how, running };
}

/** Why the target cannot take any release, in a sentence. */
function obstacle(target: KubernetesTarget, object: KubernetesObject | undefined): string | undefined {
  if (object === undefined) {
    return workloadKinds[target.workload].canBeCreated
      ? undefined
      : `There is no ${nameOf(target)}; its strategy is for whoever runs the cluster to write.`;
  }
  if (releaseIn(object, target) === undefined) return `The ${nameOf(target)} has no container '${target.container}'.`;
  const risk = modelAtRisk(object, target);
  return risk === undefined ? undefined : riskSentence(target, risk);
}

function riskSentence(target: KubernetesTarget, risk: string): string {
  return `The ${nameOf(target)} could serve other bytes than those that were approved: ${risk}.`;
}

function runningOf(object: KubernetesObject | undefined, target: KubernetesTarget): Running {
  const release = object === undefined ? undefined : releaseIn(object, target);
  if (object === undefined || release === undefined) return {};
  const promotion = release.approved?.promotion;
  const revision = revisionOf(release);
  const busy = stateOf(object, target.workload).kind === "busy";
  return {
    revision,
    ...(promotion === undefined ? {} : { promotion }),
    ...(busy ? { changingTo: promotion ?? revision } : {}),
  };
}

function judged(
  deployment: Deployment,
  target: KubernetesTarget,
  object: KubernetesObject | undefined,
  waiting: string | undefined,
): Pick<Progress, "kind" | "why"> {
  const name = nameOf(target);
  const { previous } = deployment;
  if (object === undefined) {
    return previous === undefined
      ? { kind: "returned", why: `The ${name} is gone; before, there was none either.` }
      : { kind: "displaced", why: `The ${name} is gone: somebody removed it.` };
  }
  const running = releaseIn(object, target);
  const state = stateOf(object, target.workload);
  const told = waiting === undefined ? state.why : `${state.why} (${waiting})`;
  if (running?.approved?.promotion === deployment.promotion) {
    const wanted = releaseOf(deployment, running.approved.verdict, target);
    if (!holdsAll(object, releaseDocument(wanted, target, object))) {
      return { kind: "unhealthy", why: `The ${name} is not what was approved any more: somebody changed it.` };
    }
    const risk = modelAtRisk(object, target);
    if (risk !== undefined) return { kind: "unhealthy", why: riskSentence(target, risk) };
    switch (state.kind) {
      case "busy":
        return { kind: "under-way", why: `The ${name} is on its way: ${withStop(told)}` };
      case "ready":
        return { kind: "serving", why: `The ${name} serves the approved model.` };
      case "failed":
        return { kind: "unhealthy", why: `The ${name} failed: ${withStop(told)}` };
      default:
        return state.kind satisfies never;
    }
  }
  if (running !== undefined && previous !== undefined && sameRelease(running, releaseOfRevision(previous))) {
    switch (state.kind) {
      case "busy":
        return { kind: "under-way", why: `The ${name} goes back to what ran before: ${withStop(told)}` };
      case "ready":
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

function releaseOf({ image, model, promotion }: Order, verdict: string, { fetcher }: KubernetesTarget): ServedRelease {
  return { image, approved: { promotion, verdict, model, fetcher } };
}

/** `Deployment 'models/scorer'` */
function nameOf(target: KubernetesTarget): string {
  return placeOf(target).replace(/^the /, "");
}

/** What controllers say ends with a stop and without. */
function withStop(reason: string): string {
  return `${reason.trim().replace(/\.$/, "")}.`;
}
