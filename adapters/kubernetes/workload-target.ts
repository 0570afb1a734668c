import type { DeploymentTarget } from "../../core/deployment/deployment-target.ts";
import { Failure } from "../../core/failure.ts";
import type { KubernetesTarget } from "../../core/promotion/freeze-manifest.ts";
import { applyRelease } from "./apply-release.ts";
import type { Cluster } from "./cluster.ts";
import { evidenceOf, waitingFor } from "./evidence.ts";
import { annotation, isOurs, releaseIn, releaseOfRevision, sameRelease } from "./served-release.ts";
import { requireMetrics, withinBounds } from "./watched-bounds.ts";
import { memberOf, workloadKinds } from "./workload-kinds.ts";
import { judged, obstacle, preflightOf, releaseOf, runningOf } from "./workload-standing.ts";

/**
 * A Deployment, an InferenceService of KServe or a Rollout of Argo. Nothing is staged in the cluster: what runs is changed
 * by one server-side apply, and the workload itself carries the promotion's id.
 */
export function workloadTarget(cluster: Cluster, target: KubernetesTarget): DeploymentTarget {
  const { resource } = workloadKinds[target.workload];
  const find = () => cluster.get(resource, target.namespace, target.endpoint);
  return {
    async describeRunning() {
      return runningOf(await find(), target);
    },

    async preflight(_, release) {
      const preflight = preflightOf(target, await find(), release);
      if (preflight.kind === "possible") await requireMetrics(cluster, target);
      return preflight;
    },

    async start(order, { traffic }) {
      const object = await find();
      const wanted = releaseOf(order, order.verdict, target);
      const running = object === undefined ? undefined : releaseIn(object, target);
      if (running !== undefined && sameRelease(running, wanted)) return;
      const why = obstacle(target, object);
      if (why !== undefined) throw new Failure("deployment-refused", why);
      await applyRelease(cluster, target, wanted, object, traffic);
    },

    async check(deployment) {
      const object = await find();
      const evidence = await evidenceOf(cluster, target, deployment.promotion, object);
      const progress = { ...judged(deployment, target, object, waitingFor(evidence)), evidence };
      const running = object === undefined ? undefined : releaseIn(object, target)?.approved?.promotion;
      return running === deployment.promotion ? withinBounds(cluster, target, deployment, progress) : progress;
    },

    async rollBack(deployment) {
      const object = await find();
      const running = object === undefined ? undefined : releaseIn(object, target);
      if (deployment.previous === undefined) {
        // Only what we made, and only while it is still this promotion's.
        if (object !== undefined && isOurs(object) && running?.approved?.promotion === deployment.promotion)
          await cluster.remove(resource, target.namespace, target.endpoint);
        return;
      }
      const previous = releaseOfRevision(deployment.previous);
      if (running === undefined || !sameRelease(running, previous))
        await applyRelease(cluster, target, previous, object, deployment.release.traffic);
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
