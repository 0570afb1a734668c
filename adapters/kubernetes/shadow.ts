import type { Footing, ShadowStanding, ShadowTarget } from "../../core/deployment/shadow-target.ts";
import { requireKind } from "../../core/deployment/target-kind.ts";
import { utf8 } from "../../core/encoding/bytes.ts";
import { msOfInstant } from "../../core/encoding/instant.ts";
import { sha256Hex } from "../../core/encoding/sha256.ts";
import { Failure } from "../../core/failure.ts";
import type { VariantMeasures } from "../../core/promotion/shadow.ts";
import type { Target } from "../../core/promotion/target.ts";
import { capturedAnswers, type ReadCaptures } from "./captured-answers.ts";
import type { Cluster, KubernetesObject } from "./cluster.ts";
import type { OpenCluster } from "./deployment-target.ts";
import { reasonOfPods } from "./evidence.ts";
import { makeNew } from "./make-new.ts";
import { measuredIn, podsOfWorkload } from "./prometheus.ts";
import { releaseIn, revisionOf } from "./served-release.ts";
import { whyAnotherInShadow } from "./shadow-altered.ts";
import {
  httpRoutes,
  type MirroredTarget,
  mirrored,
  mirrorIn,
  services,
  shadowDocuments,
  shadowedIn,
  shadowName,
  shadowSelector,
} from "./shadow-documents.ts";
import { applyRules, endShadowIn } from "./shadow-end.ts";
import { stateIn } from "./state-in.ts";
import { memberOf, workloadKinds } from "./workload-kinds.ts";
import { obstacle, runningOf, workloadName } from "./workload-standing.ts";
import { stateOf } from "./workload-state.ts";

const { resource: deployments } = workloadKinds.deployment;

/** With `-shadow` behind it, pods are known by a name of up to 56 characters. */
const longestMirrored = 49;

/**
 * A candidate beside the workload that answers, which the Gateway API sends a copy of each request. Errors and latency
 * are what Prometheus measured of both; what they answer is seen where whoever runs the cluster keeps it.
 * @param captures below which address; absent: nothing is read of it
 */
export function kubernetesShadow(open: OpenCluster, captures?: ReadCaptures): ShadowTarget {
  const at = async (given: Target) => {
    const target = requireKind(given, "kubernetes");
    const { mirror, metrics } = target;
    if (mirror === undefined || metrics === undefined) return undefined;
    return { cluster: await open(target.cluster), target: { ...target, mirror, metrics } };
  };
  const required = async (given: Target) => {
    const found = await at(given);
    if (found === undefined) throw new Failure("deployment-refused", notMirrored(given));
    return found;
  };

  return {
    async footing({ promotion, target: given }): Promise<Footing> {
      const found = await at(given);
      if (found === undefined) return { kind: "impossible", why: notMirrored(given) };
      const { cluster, target } = found;
      const { champion, candidate, route } = await look(cluster, target);
      const why = champion === undefined ? undefined : obstacle(target, champion);
      if (why !== undefined) return { kind: "impossible", why };
      const beside = besideIn(champion, target);
      if (beside === undefined) return { kind: "nothing" };
      if (target.endpoint.length > longestMirrored)
        return {
          kind: "impossible",
          why: `The candidate cannot run in shadow of the ${workloadName(target)}: where a name has more than ${longestMirrored} characters, nobody can tell the pods of both by theirs.`,
        };
      if (candidate !== undefined && shadowedIn(candidate) !== promotion)
        return { kind: "later", why: `Another candidate runs in shadow of the ${workloadName(target)}.` };
      if (runningOf(champion, target, await stateIn(cluster, target, champion)).changingTo !== undefined)
        return { kind: "later", why: `The ${workloadName(target)} is being changed.` };
      const mirror = mirrorIn(route, target);
      if (mirror.kind === "impossible" || mirror.kind === "altered")
        return {
          kind: "impossible",
          why: `The candidate cannot run in shadow of the ${workloadName(target)}: ${mirror.why}.`,
        };
      await measuredIn(cluster, target.metrics, { pods: podsOfWorkload(target.endpoint), windowSeconds: 300 });
      return { kind: "possible", beside };
    },

    // The copies come once it is ready: until then it is started again.
    async start(order, beside) {
      const { cluster, target } = await required(order.target);
      const { champion, candidate, route } = await look(cluster, target);
      if (champion === undefined || besideIn(champion, target) !== beside)
        throw new Failure("unavailable", `The ${workloadName(target)} is being changed at the moment.`);
      const { deployment, service } = shadowDocuments(order, target, replicasOf(champion));
      const another = new Failure("unavailable", `Another candidate runs in shadow of the ${workloadName(target)}.`);
      if (candidate === undefined) {
        // Whose it is says the Deployment: who makes that has the service, and nobody takes it away.
        if (!(await makeNew(cluster, deployments, deployment))) throw another;
      } else if (shadowedIn(candidate) !== order.promotion) throw another;
      if (route === undefined || mirrorIn(route, target).kind === "none")
        await cluster.apply(services, target.namespace, service, true);
      if (candidate === undefined) return;
      if (stateOf(candidate, "deployment").kind !== "ready" || route === undefined) return;
      if (mirrorIn(route, target).kind !== "none") return;
      const why = await whyAnotherInShadow(cluster, target, order, candidate);
      if (why !== undefined) throw new Failure("deployment-refused", why);
      await applyRules(cluster, target, route, mirrored(route, target));
    },

    async check(order): Promise<ShadowStanding> {
      const { promotion, run } = order;
      const { cluster, target } = await required(order.target);
      const { champion, candidate, route } = await look(cluster, target);
      const lost = (why: string): ShadowStanding => ({ kind: "lost", why });
      if (besideIn(champion, target) !== run.beside)
        return lost(`The ${workloadName(target)} runs something else by now: somebody changed it.`);
      const mirror = mirrorIn(route, target);
      if (candidate === undefined)
        return mirror.kind === "all" ? lost("The candidate was removed.") : { kind: "alone" };
      if (shadowedIn(candidate) !== promotion) return lost("Another candidate took its place in shadow.");
      const another = await whyAnotherInShadow(cluster, target, order, candidate);
      if (another !== undefined) return lost(another);
      if (mirror.kind === "altered") return lost(`In shadow, ${mirror.why}: somebody changed it.`);
      const { kind, why } = stateOf(candidate, "deployment");
      switch (kind) {
        case "busy":
          return { kind: "under-way" };
        case "failed": {
          const told = await reasonOfPods(cluster, target.namespace, shadowSelector(promotion));
          return { kind: "alone", failure: told === undefined ? why : `${why} (${told})` };
        }
        case "ready":
          return mirror.kind === "all" ? { kind: "running" } : { kind: "alone" };
        default:
          return kind satisfies never;
      }
    },

    async measure({ target: given, run }, now) {
      const { cluster, target } = await required(given);
      const { since = run.askedAt, endedAt: at = now } = run;
      const windowSeconds = Math.max(1, Math.ceil((msOfInstant(at) - msOfInstant(since)) / 1000));
      const of = async (workload: string): Promise<VariantMeasures> => {
        const window = { pods: podsOfWorkload(workload), windowSeconds, at };
        const { requests = 0, errors = 0, p95Milliseconds } = await measuredIn(cluster, target.metrics, window);
        return {
          invocations: Math.round(requests),
          errors4xx: 0,
          errors5xx: Math.round(errors),
          ...(p95Milliseconds === undefined ? {} : { latencyP95Milliseconds: p95Milliseconds }),
        };
      };
      return { champion: await of(target.endpoint), candidate: await of(shadowName(target)) };
    },

    ...(captures === undefined
      ? {}
      : {
          captured: (shadowing, of) =>
            capturedAnswers(captures, shadowing, requireKind(shadowing.target, "kubernetes"), of),
        }),

    end: (shadowing) => endShadowIn(open, shadowing),
  };
}

async function look(cluster: Cluster, target: MirroredTarget) {
  const { resource } = workloadKinds[target.workload];
  return {
    champion: await cluster.get(resource, target.namespace, target.endpoint),
    candidate: await cluster.get(deployments, target.namespace, shadowName(target)),
    route: await cluster.get(httpRoutes, target.namespace, target.mirror.route),
  };
}

/** What answers, for people, and so that another is told from it: its promotion or its image, and a part of its digest. */
function besideIn(champion: KubernetesObject | undefined, target: MirroredTarget): string | undefined {
  const release = champion === undefined || replicasOf(champion) === 0 ? undefined : releaseIn(champion, target);
  if (release === undefined) return undefined;
  return `${release.approved?.promotion ?? release.image} (${sha256Hex(utf8(revisionOf(release))).slice(0, 12)})`;
}

/** As many as answer, for it gets as many requests. None: what was taken out of service, where it lies in Git and stays. */
function replicasOf(champion: KubernetesObject): number {
  return Number(memberOf(champion, "spec")["replicas"] ?? 1);
}

function notMirrored({ name }: Target): string {
  return `Its rule asks for a run in shadow, and the target '${name}' names no 'mirror' by which a candidate would get any request.`;
}
