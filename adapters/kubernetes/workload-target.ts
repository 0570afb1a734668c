import type { Deployment, DeploymentTarget } from "../../core/deployment/deployment-target.ts";
import { requireFirst } from "../../core/deployment/made-meanwhile.ts";
import { Failure } from "../../core/failure.ts";
import type { KubernetesTarget } from "../../core/promotion/target.ts";
import type { Traffic } from "../../core/promotion/traffic.ts";
import { applyRelease, attempts } from "./apply-release.ts";
import { besideIn } from "./beside.ts";
import { askedShare, asShare } from "./canary-share.ts";
import type { Cluster, KubernetesObject } from "./cluster.ts";
import { annotation, isOurs, releaseIn, releaseOfRevision, type ServedRelease, sameRelease } from "./served-release.ts";
import { stateIn } from "./state-in.ts";
import { isScaledAway, isStopped, resume, stop } from "./stopped.ts";
import { requireMetrics } from "./watched-bounds.ts";
import { memberOf, workloadKinds } from "./workload-kinds.ts";
import { whyOthersAnswer, workloadProgress } from "./workload-progress.ts";
import { judged, obstacle, preflightOf, releaseOf, runningOf, workloadName } from "./workload-standing.ts";

const allAtOnce: Traffic = { kind: "all-at-once", waitSeconds: 0 };

/** How traffic goes back: never by a part of it. */
function ownWay(traffic: Traffic): Traffic {
  return traffic.kind === "weights" ? allAtOnce : traffic;
}

/**
 * A Deployment, an InferenceService of KServe or a Rollout of Argo. Nothing is staged in the cluster: what runs is changed
 * by one server-side apply, and the workload itself carries the promotion's id.
 */
export function workloadTarget(cluster: Cluster, target: KubernetesTarget): DeploymentTarget {
  const { resource } = workloadKinds[target.workload];
  const find = () => cluster.get(resource, target.namespace, target.endpoint);
  const stateOf = (object: KubernetesObject | undefined) => stateIn(cluster, target, object);

  /** An earlier revision gets no more requests. What somebody else wrote is ours to drop only once it was taken over. */
  async function answerAlone(object: KubernetesObject, release: ServedRelease): Promise<void> {
    await applyRelease(cluster, target, release, object, asShare(100));
    await applyRelease(cluster, target, release, await find(), allAtOnce);
  }

  /** What was taken out of service serves again once something is approved for it. */
  async function resumed(): Promise<void> {
    const object = await find();
    if (object !== undefined && isStopped(object)) await resume(cluster, target, object);
  }

  /** Removes it, unless somebody put something else there since it was read: whoever looks next says what that is. */
  async function removeOurs(read: KubernetesObject, { promotion }: Deployment): Promise<void> {
    let object: KubernetesObject | undefined = read;
    for (let attempt = 1; attempt <= attempts && object !== undefined; attempt += 1) {
      if (releaseIn(object, target)?.approved?.promotion !== promotion) return;
      if ((await cluster.remove(resource, target.namespace, object)) !== "changed") return;
      // Its controller may have reported on it, and nothing else.
      object = await find();
    }
    if (object !== undefined)
      throw new Failure("unavailable", `The ${workloadName(target)} is being changed at the moment.`);
  }

  return {
    async describeRunning() {
      const object = await find();
      const running = runningOf(object, target, await stateOf(object));
      return object === undefined || isStopped(object)
        ? running
        : { ...running, ...(await besideIn(cluster, target, object, running.promotion)) };
    },

    async whyAlteredBeside(deployment) {
      return whyOthersAnswer(cluster, target, await find(), deployment);
    },

    async preflight(_, release) {
      const object = await find();
      const preflight = preflightOf(target, object, release, runningOf(object, target, await stateOf(object)));
      if (preflight.kind === "possible") await requireMetrics(cluster, target);
      return preflight;
    },

    async start(order, { kind, traffic }) {
      const object = await find();
      const wanted = releaseOf(order, order.verdict, target);
      const running = object === undefined ? undefined : releaseIn(object, target);
      if (object !== undefined && running !== undefined && sameRelease(running, wanted)) {
        if (traffic.kind !== "weights" && askedShare(object) !== undefined) await answerAlone(object, wanted);
        return await resumed();
      }
      const { promotion, revision } = runningOf(object, target, await stateOf(object));
      if (kind === "first" && revision !== undefined && promotion !== order.promotion)
        requireFirst(order, workloadName(target));
      const why = obstacle(target, object);
      if (why !== undefined) throw new Failure("deployment-refused", why);
      await applyRelease(cluster, target, wanted, object, traffic);
      await resumed();
    },

    async check(deployment) {
      const workload = await find();
      const state = await stateOf(workload);
      const standing = (waiting: string | undefined) => judged(deployment, target, workload, state, waiting);
      return workloadProgress(cluster, target, deployment, { workload, standing });
    },

    async shift(deployment, to) {
      const object = await find();
      const running = object === undefined ? undefined : releaseIn(object, target);
      // Another run of this step came first, or somebody changed it: whoever looks next says what it is.
      if (object === undefined || running?.approved?.promotion !== deployment.promotion) return;
      if (askedShare(object) === undefined) return;
      await applyRelease(cluster, target, running, object, to === "all" ? allAtOnce : asShare(to));
    },

    async rollBack(deployment) {
      const object = await find();
      const running = object === undefined ? undefined : releaseIn(object, target);
      if (deployment.previous === undefined) {
        // Only while it is still this promotion's.
        if (object === undefined || running?.approved?.promotion !== deployment.promotion || isStopped(object)) return;
        if (isScaledAway(object, target)) return await stop(cluster, target, object);
        if (!isOurs(object))
          throw new Failure(
            "deployment-refused",
            `The ${workloadName(target)} was made by whoever runs the cluster, who alone removes it.`,
          );
        return await removeOurs(object, deployment);
      }
      const previous = releaseOfRevision(deployment.previous);
      const shares = object !== undefined && askedShare(object) !== undefined;
      if (running === undefined || !sameRelease(running, previous))
        // Of what shares the requests all are back at once, with the revision that had the others.
        await applyRelease(cluster, target, previous, object, shares ? asShare(0) : ownWay(deployment.release.traffic));
      else if (shares) await applyRelease(cluster, target, previous, object, allAtOnce);
    },

    // The workload is all there is: no alarm, no second copy.
    settle: () => Promise.resolve(),

    async cleanUp(promotion) {
      const carrying = await cluster.list(resource, target.namespace, `${annotation.promotion}=${promotion}`);
      return {
        removed: [],
        left: carrying.map((each) => `${resource.kind} ${String(memberOf(each, "metadata")["name"])}`),
      };
    },
  };
}
