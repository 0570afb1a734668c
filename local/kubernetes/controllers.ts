import type { JsonObject } from "../aws/json-shape.ts";
import type { Container } from "../sagemaker/container.ts";
import { type KnownKind, knownKind } from "./kinds.ts";
import type { KubeletOptions } from "./kubelet.ts";
import { type Passed, type PodSet, startPods, templateHash } from "./pods.ts";
import { metadataOf, type ObjectStore } from "./store.ts";
import { type Analyse, type Reported, type WorkloadKind, workloadKinds } from "./workloads.ts";

/** The controllers of one cluster: make what runs follow what the objects ask for. */
export interface Controllers {
  /** Hears that an object was written or removed. */
  changed(kind: KnownKind, object: JsonObject): void;
  /** A ready container of a workload that answers for it, or `undefined`. */
  serving(namespace: string, workload: string): Container | undefined;
  /** Starts what an earlier run left. */
  restore(): Promise<void>;
  close(): Promise<void>;
}

interface Live {
  /** What serves: the pods of the last version that became ready. */
  stable?: { readonly pods: PodSet; readonly containers: readonly Container[] };
  /** What is being brought up. */
  next?: PodSet;
  /** The containers of `next`, while it shares the requests with what serves. */
  sharing?: readonly Container[];
  /** One reconciliation after the other. */
  tail: Promise<void>;
}

/**
 * Rolls workloads out by really running their pods: the new ones are started beside the old, take over once all are
 * ready, and the old ones go. Where they do not become ready the old ones stay, and the status says so.
 * `passed` waits for seconds to go by.
 */
export function startControllers(given: {
  readonly store: () => ObjectStore;
  readonly kubelet: KubeletOptions;
  readonly passed: Passed;
  readonly analyse: Analyse;
}): Controllers {
  const { kubelet } = given;
  const live = new Map<string, Live>();

  const enqueue = (kind: WorkloadKind, namespace: string, name: string): Promise<void> => {
    const key = [kind.kind.plural, namespace, name].join("/");
    const own = live.get(key) ?? { tail: Promise.resolve() };
    live.set(key, own);
    // A new template ends what is being brought up: it will not be waited for.
    own.tail = own.tail.then(() => reconcile(kind, namespace, name, own)).catch(report);
    return own.tail;
  };
  const report = (error: unknown): void => {
    if (!kubelet.signal.aborted) console.error("A controller of the local cluster failed:", error);
  };

  async function reconcile(kind: WorkloadKind, namespace: string, name: string, own: Live): Promise<void> {
    const store = given.store();
    const object = store.get(kind.kind, namespace, name)?.object;
    if (object === undefined) return takeDown(own);
    const template = kind.templateOf(object);
    const wanted = kind.replicasOf(object);
    const generation = Number(metadataOf(object)["generation"]);
    const tell = (reported: Reported): void => writeStatus(kind, namespace, name, reported);
    if (wanted === 0) {
      await takeDown(own);
      const hash = templateHash(template);
      return tell({ generation, phase: "ready", hash, stableHash: hash, replicas: 0 });
    }
    const stable = own.stable?.pods;
    if (stable?.hash === templateHash(template)) {
      await retireNext(own);
      return tell({ generation, phase: "ready", hash: stable.hash, stableHash: stable.hash, replicas: wanted });
    }
    if (own.next?.hash === templateHash(template)) {
      if (own.sharing !== undefined) await share(kind, object, own, own.next, own.sharing, tell);
      return;
    }
    await retireNext(own);
    const next = startPods({ ...kind, namespace, name }, template, wanted, { store, kubelet, passed: given.passed });
    own.next = next;
    const common = {
      generation,
      hash: next.hash,
      replicas: wanted,
      ...(stable === undefined ? {} : { stableHash: stable.hash }),
    };
    tell({ ...common, phase: "progressing" });
    // Not awaited by the queue: a newer template must be able to take its place.
    void follow(kind, namespace, name, own, next, tell, common).catch(report);
  }

  async function follow(
    kind: WorkloadKind,
    namespace: string,
    name: string,
    own: Live,
    next: PodSet,
    tell: (reported: Reported) => void,
    common: Omit<Reported, "phase">,
  ): Promise<void> {
    const isAwaited = () => !kubelet.signal.aborted && own.next === next;
    let containers = await Promise.race([next.ready, next.stuck]);
    if (typeof containers === "string") {
      const made = given.store().get(kind.kind, namespace, name)?.object;
      if (!isAwaited() || made === undefined) return;
      const why = containers;
      tell({ ...common, phase: "waiting", why });
      const late = given.passed(kind.deadlineOf(made), kubelet.signal).then(() => undefined);
      containers = await Promise.race([next.ready, late]);
      if (!isAwaited()) return;
      if (containers === undefined) {
        next.giveUp();
        return tell({ ...common, phase: "failed", why });
      }
    }
    const object = given.store().get(kind.kind, namespace, name)?.object;
    if (!isAwaited() || containers === undefined || object === undefined) return;
    const judged = own.stable === undefined ? undefined : kind.judge?.(object, given.analyse);
    if (judged?.analysis !== undefined) writeAnalysis(namespace, name, next.hash, judged.analysis);
    if (judged !== undefined && judged.kind !== "passed") {
      tell({ ...common, phase: judged.kind, why: judged.why });
      return;
    }
    for (const { weight, seconds } of own.stable === undefined ? [] : (kind.pausesOf?.(object) ?? [])) {
      tell({ ...common, phase: "paused", why: "CanaryPauseStep", weight });
      await given.passed(seconds, kubelet.signal);
      if (!isAwaited()) return;
    }
    await share(kind, object, own, next, containers, tell);
  }

  /** The new pods get the part of the requests that is asked for, or all of them; then the old ones go. */
  async function share(
    kind: WorkloadKind,
    object: JsonObject,
    own: Live,
    next: PodSet,
    containers: readonly Container[],
    tell: (reported: Reported) => void,
  ): Promise<void> {
    const old = own.stable?.pods;
    const weight = old === undefined ? undefined : kind.shareOf?.(object);
    const common = {
      generation: Number(metadataOf(object)["generation"]),
      hash: next.hash,
      replicas: kind.replicasOf(object),
    };
    if (old !== undefined && weight !== undefined) {
      own.sharing = containers;
      return tell({ ...common, stableHash: old.hash, phase: "sharing", weight });
    }
    own.stable = { pods: next, containers };
    delete own.next;
    delete own.sharing;
    tell({ ...common, stableHash: next.hash, phase: "ready" });
    await old?.retire();
  }

  function writeStatus(kind: WorkloadKind, namespace: string, name: string, reported: Reported): void {
    const store = given.store();
    const stored = store.get(kind.kind, namespace, name);
    if (stored === undefined) return;
    const status = kind.statusOf(stored.object, reported);
    store.put(kind.kind, { ...stored, object: { ...stored.object, status } });
  }

  function writeAnalysis(namespace: string, workload: string, hash: string, status: JsonObject): void {
    const labels = { "rollouts-pod-template-hash": hash };
    const metadata = { name: `${workload}-${hash}`, namespace, labels };
    const object = { apiVersion: "argoproj.io/v1alpha1", kind: "AnalysisRun", metadata, status };
    given.store().put(knownKind("argoproj.io/v1alpha1", "AnalysisRun"), { object, owners: [] });
  }

  /** Nobody waits for it from here on: it may come up while it is being ended. */
  async function retireNext(own: Live): Promise<void> {
    const { next } = own;
    delete own.next;
    delete own.sharing;
    await next?.retire();
  }

  async function takeDown(own: Live): Promise<void> {
    await retireNext(own);
    await own.stable?.pods.retire();
    delete own.stable;
  }

  return {
    changed(kind, object) {
      const workload = workloadKinds.find((each) => each.kind === kind);
      if (workload === undefined) return;
      const { namespace, name } = metadataOf(object);
      void enqueue(workload, String(namespace), String(name));
    },
    serving(namespace, workload) {
      for (const { kind } of workloadKinds) {
        const [container] = live.get([kind.plural, namespace, workload].join("/"))?.stable?.containers ?? [];
        if (container !== undefined) return container;
      }
      return undefined;
    },
    async restore() {
      const store = given.store();
      for (const workload of workloadKinds) {
        for (const { object } of store.list(workload.kind, "")) {
          const { namespace, name } = metadataOf(object);
          await enqueue(workload, String(namespace), String(name));
        }
      }
    },
    async close() {
      await Promise.all([...live.values()].map(({ tail }) => tail));
      await Promise.all([...live.values()].map(takeDown));
    },
  };
}
