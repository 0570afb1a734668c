import type { Deployment, DeploymentTarget, Progress, Running } from "../../core/deployment/deployment-target.ts";
import type { ApprovedOrder } from "../../core/deployment/order.ts";
import { Failure } from "../../core/failure.ts";
import {
  type AskedRelease,
  applicationDocument,
  applications,
  askedRelease,
  asksExactly,
  type DeliveredTarget,
  type SyncWish,
  syncsByItself,
} from "./application-document.ts";
import { whyNotPatched } from "./application-source.ts";
import { isBeingSynced, type SyncState, syncStateOf, wasSynced } from "./application-state.ts";
import { besideIn } from "./beside.ts";
import type { Cluster, KubernetesObject } from "./cluster.ts";
import { applicationEvidence } from "./evidence.ts";
import { annotation, releaseIn, releaseOfRevision, sameRelease } from "./served-release.ts";
import { requireMetrics } from "./watched-bounds.ts";
import { memberOf, workloadKinds } from "./workload-kinds.ts";
import { whyOthersAnswer, workloadProgress } from "./workload-progress.ts";
import { judged, obstacle, preflightOf, releaseOf, runningOf, withStop, workloadName } from "./workload-standing.ts";
import { stateOf, type WorkloadState } from "./workload-state.ts";

interface Found {
  readonly application: KubernetesObject | undefined;
  readonly workload: KubernetesObject | undefined;
}

/**
 * A Deployment that Argo CD brings to the cluster out of Git: what is changed is its Application, by one patch, and what
 * is believed is the workload itself. Argo CD runs in the cluster that it delivers to.
 */
export function argoCdTarget(cluster: Cluster, target: DeliveredTarget): DeploymentTarget {
  const { resource } = workloadKinds[target.workload];
  const { name, namespace, source } = target.application;
  const find = async (): Promise<Found> => ({
    application: await cluster.get(applications, namespace, name),
    workload: await cluster.get(resource, target.namespace, target.endpoint),
  });

  return {
    async describeRunning() {
      const found = await find();
      const running = runningUnder(found, target);
      const { workload } = found;
      return workload === undefined
        ? running
        : {
            ...running,
            ...(await besideIn(
              cluster,
              target,
              workload,
              runningOf(workload, target, stateOfWorkload(workload)).promotion,
            )),
          };
    },

    async whyAlteredBeside(deployment) {
      return whyOthersAnswer(cluster, target, (await find()).workload, deployment);
    },

    async preflight(_, release) {
      const found = await find();
      const { application, workload } = found;
      const why = whyNotDelivered(application, workload, target);
      if (why !== undefined) return { kind: "impossible", why };
      const preflight = preflightOf(target, workload, release, runningUnder(found, target));
      if (preflight.kind === "possible") await requireMetrics(cluster, target);
      return preflight;
    },

    async start(order: ApprovedOrder) {
      const found = await find();
      const wanted = releaseOf(order, order.verdict, target);
      const { application, workload } = found;
      const asked = application === undefined ? undefined : askedRelease(application, target);
      if (application !== undefined && asked !== undefined && sameRelease(asked, wanted)) {
        const running = workload === undefined ? undefined : releaseIn(workload, target);
        const there = running !== undefined && sameRelease(running, wanted);
        // Somebody else's hand was on the workload since, and what was approved is put back.
        if (!there && wasSynced(application, source)) await ask(found, wanted, { commit: "synced-last", always: true });
        return;
      }
      const why = whyNotDelivered(found.application, found.workload, target);
      if (why !== undefined) throw new Failure("deployment-refused", why);
      await ask(found, wanted, { commit: "compared" });
    },

    async check(deployment) {
      const found = await find();
      return workloadProgress(cluster, target, deployment, {
        workload: found.workload,
        standing: (waiting) => standing(deployment, target, found, waiting),
        beside: { application: applicationEvidence(target.application, found.application) },
      });
    },

    async rollBack(deployment) {
      const found = await find();
      const { application, workload } = found;
      const previous = before(deployment);
      const there = application !== undefined && workload !== undefined;
      const asked = there && asksExactly(application, previous, target, workload);
      if (asked && syncStateOf(application, source).kind !== "failed") return;
      await ask(found, previous, { commit: "synced-last" });
    },

    // What the release needed is the patch, which stays.
    settle: () => Promise.resolve(),

    async cleanUp(promotion) {
      const { application } = await find();
      const carrying = await cluster.list(resource, target.namespace, `${annotation.promotion}=${promotion}`);
      const asks = application !== undefined && askedRelease(application, target)?.approved?.promotion === promotion;
      return {
        removed: [],
        left: [
          ...(asks ? [applicationName(target)] : []),
          ...carrying.map((each) => `${resource.kind} ${String(memberOf(each, "metadata")["name"])}`),
        ],
      };
    },
  };

  /** Changes what the Application asks for; takes over the patches, which are one field, with those of others in it. */
  async function ask({ application, workload }: Found, release: AskedRelease, wish: SyncWish): Promise<void> {
    if (application === undefined || workload === undefined)
      throw new Failure("deployment-refused", `The ${applicationName(target)} or its workload is gone.`);
    // An operation that is set while another runs is lost.
    if (isBeingSynced(application))
      throw new Failure("unavailable", `The ${applicationName(target)} is being synced at the moment.`);
    const document = applicationDocument(release, target, application, workload, wish);
    try {
      await cluster.apply(applications, namespace, document, true);
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== "conflict") throw error;
      throw new Failure("unavailable", `The ${applicationName(target)} is being changed at the moment.`, {
        cause: error,
      });
    }
  }
}

/** What ran before a release: where nothing did, the workload goes back to no replica, for it lies in Git and would be made again. */
function before({ previous }: Deployment): AskedRelease {
  return previous === undefined ? "nothing" : releaseOfRevision(previous);
}

function runningUnder({ application, workload }: Found, target: DeliveredTarget): Running {
  if (application !== undefined && workload !== undefined && isStopped(application, workload, target)) return {};
  const running = runningOf(workload, target, stateOfWorkload(workload));
  const asked = application === undefined ? undefined : askedRelease(application, target)?.approved?.promotion;
  return asked === undefined || asked === running.promotion ? running : { ...running, changingTo: asked };
}

/** Argo CD delivers Deployments alone. */
function stateOfWorkload(workload: KubernetesObject | undefined): WorkloadState | undefined {
  return workload === undefined ? undefined : stateOf(workload, "deployment");
}

/** Whether it is scaled to nothing because we ask for that. */
function isStopped(application: KubernetesObject, workload: KubernetesObject, target: DeliveredTarget): boolean {
  return memberOf(workload, "spec")["replicas"] === 0 && asksExactly(application, "nothing", target, workload);
}

/** Why Argo CD cannot bring a release there, or would bring something else with it. Throws `unavailable`: not now. */
function whyNotDelivered(
  application: KubernetesObject | undefined,
  workload: KubernetesObject | undefined,
  target: DeliveredTarget,
): string | undefined {
  const name = applicationName(target);
  if (application === undefined) return `There is no ${name}.`;
  if (workload === undefined) return `There is no ${workloadName(target)} yet: it is in Git, for Argo CD to make.`;
  const foreign = whyNotPatched(application, target.application.source);
  if (foreign !== undefined) return `The ${name} ${foreign}.`;
  const { destination } = memberOf(application, "spec");
  const status = memberOf(application, "status");
  const { server, name: cluster, namespace } = memberOf({ destination: destination ?? {} }, "destination");
  if ((server !== inCluster && cluster !== "in-cluster") || namespace !== target.namespace)
    return `The ${name} delivers elsewhere than to the namespace '${target.namespace}' of its own cluster.`;
  if (isBeingSynced(application)) throw new Failure("unavailable", `The ${name} is being synced at the moment.`);
  const { status: synced } = memberOf(status, "sync");
  if (synced !== "Synced") {
    const why = `The ${name} is ${String(synced ?? "not compared yet")}: what else would be brought there was not looked at.`;
    if (syncsByItself(application)) throw new Failure("unavailable", why);
    return why;
  }
  return obstacle(target, workload);
}

const inCluster = "https://kubernetes.default.svc";

type Standing = Pick<Progress, "kind" | "why" | "unwell">;

/** What the Application asks for decides what is waited for; what is live decides whether it is there. */
function standing(
  deployment: Deployment,
  target: DeliveredTarget,
  { application, workload }: Found,
  waiting: string | undefined,
): Standing {
  const name = applicationName(target);
  if (workload === undefined && deployment.previous === undefined)
    return judged(deployment, target, workload, undefined, waiting);
  if (application === undefined || workload === undefined)
    return { kind: "displaced", why: `The ${application === undefined ? name : workloadName(target)} is gone.` };
  const asked = askedRelease(application, target);
  const sync = syncStateOf(application, target.application.source);
  const live = judged(deployment, target, workload, stateOfWorkload(workload), waiting);
  if (asked?.approved?.promotion === deployment.promotion) {
    const wanted = releaseOf(deployment, asked.approved.verdict, target);
    if (!asksExactly(application, wanted, target, workload))
      return {
        kind: "unhealthy",
        why: `The ${name} does not ask for what was approved any more: somebody changed it.`,
      };
    return whileWanted(name, application, sync, live);
  }
  const previous = before(deployment);
  if (asksExactly(application, previous, target, workload))
    return previous === "nothing" ? whileStopping(name, sync, workload, target) : whileGoingBack(name, sync, live);
  return {
    kind: "displaced",
    why: `The ${name} asks neither for what was approved nor for what ran before: somebody changed it.`,
  };
}

function whileWanted(name: string, application: KubernetesObject, sync: SyncState, live: Standing): Standing {
  const underWay = { kind: "under-way", why: `The ${name} is on its way: ${withStop(sync.why)}` } as const;
  if (sync.kind === "failed") {
    const why = `The ${name} failed: ${withStop(sync.why)}`;
    return isAsApproved(live) ? { kind: "unhealthy", unwell: true, why } : { kind: "unhealthy", why };
  }
  switch (live.kind) {
    case "serving":
      return sync.kind === "synced" ? live : underWay;
    case "unhealthy":
      // Argo CD puts back what somebody changed by hand, where it may.
      return healsItself(application) && sync.kind === "busy" ? underWay : live;
    case "under-way":
    case "sharing":
    case "broken":
      return live.kind === "broken" ? { ...live, kind: "unhealthy" } : live;
    case "returned":
    case "displaced":
      // Argo CD has not brought it there yet; that it says so and it is not true is somebody's doing.
      return sync.kind === "busy" ? underWay : { kind: "unhealthy", why: `${live.why} Argo CD says that ${sync.why}.` };
    default:
      return live.kind satisfies never;
  }
}

/** Whether what is live is exactly what was approved, however well it is. */
function isAsApproved({ kind, unwell }: Standing): boolean {
  return kind === "serving" || kind === "sharing" || kind === "under-way" || unwell === true;
}

function whileGoingBack(
  name: string,
  sync: SyncState,
  live: Pick<Progress, "kind" | "why">,
): Pick<Progress, "kind" | "why"> {
  if (sync.kind === "failed") return { kind: "broken", why: `The ${name} cannot go back: ${withStop(sync.why)}` };
  if (live.kind === "broken") return live;
  if (live.kind === "returned" && sync.kind === "synced") return live;
  return { kind: "under-way", why: `The ${name} goes back to what ran before: ${withStop(sync.why)}` };
}

/** Nothing is left of it once its controller has seen that, and has taken its pods away. */
function whileStopping(
  name: string,
  sync: SyncState,
  workload: KubernetesObject,
  target: DeliveredTarget,
): Pick<Progress, "kind" | "why"> {
  if (sync.kind === "failed") return { kind: "broken", why: `The ${name} cannot be stopped: ${withStop(sync.why)}` };
  const status = memberOf(workload, "status");
  const seen = Number(status["observedGeneration"] ?? -1) >= Number(memberOf(workload, "metadata")["generation"]);
  const empty = memberOf(workload, "spec")["replicas"] === 0 && Number(status["replicas"] ?? 0) === 0;
  return seen && empty && sync.kind === "synced"
    ? { kind: "returned", why: `The ${workloadName(target)} has no replica any more.` }
    : { kind: "under-way", why: `The ${name} stops the workload: ${withStop(sync.why)}` };
}

function healsItself(application: KubernetesObject): boolean {
  const policy = memberOf(memberOf(application, "spec"), "syncPolicy");
  return syncsByItself(application) && memberOf(policy, "automated")["selfHeal"] === true;
}

/** `Application 'argocd/scorer'` */
function applicationName({ application: { namespace, name } }: DeliveredTarget): string {
  return `Application '${namespace}/${name}'`;
}
