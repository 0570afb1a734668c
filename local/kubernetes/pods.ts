import { canonicalJson } from "../../core/encoding/canonical-json.ts";
import { sha256Hex } from "../../core/encoding/sha256.ts";
import { type JsonObject, recordIn } from "../aws/json-shape.ts";
import type { Container } from "../sagemaker/container.ts";
import { knownKind } from "./kinds.ts";
import { type KubeletOptions, PodFailure, startPod } from "./kubelet.ts";
import { metadataOf, type ObjectStore } from "./store.ts";
import type { WorkloadKind } from "./workloads.ts";

/** Waits for seconds to go by, or nobody to wait any more. */
export type Passed = (seconds: number, signal: AbortSignal) => Promise<void>;

/** The pods of one version of a workload's template. */
export interface PodSet {
  readonly hash: string;
  readonly template: JsonObject;
  /** Resolves once every pod is ready; `undefined` where they are to come up no more. */
  readonly ready: Promise<readonly Container[] | undefined>;
  /** Resolves with why one did not come up, in a sentence, once its status says so. It is started again. */
  readonly stuck: Promise<string>;
  /** What has not come up by now is not started again. */
  giveUp(): void;
  retire(): Promise<void>;
}

/** The hash by which controllers tell the versions of a template apart. */
export function templateHash(template: JsonObject): string {
  return sha256Hex(new TextEncoder().encode(canonicalJson(template))).slice(0, 10);
}

/** Seconds before a container is started again: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy */
const [firstPause, longestPause] = [10, 300];

/** Starts `count` pods of a template, each with its object. `hashLabel` is what the workload's controller calls the hash, and `revisionOf` what it makes of it. */
export function startPods(
  workload: { readonly namespace: string; readonly name: string } & Pick<
    WorkloadKind,
    "hashLabel" | "revisionOf" | "versionOf" | "makerOf"
  >,
  template: JsonObject,
  count: number,
  given: { readonly store: ObjectStore; readonly kubelet: KubeletOptions; readonly passed: Passed },
): PodSet {
  const kind = knownKind("v1", "Pod");
  const { namespace, hashLabel, revisionOf } = workload;
  const hash = templateHash(template);
  const revision = revisionOf?.(workload.name, hash) ?? hash;
  const version = workload.versionOf?.(workload, hash, template, count);
  const between = workload.makerOf?.(workload, hash, template, count);
  const made = [version, between?.maker].filter((each) => each !== undefined);
  const [abort, givenUp] = [new AbortController(), new AbortController()];
  const signal = AbortSignal.any([abort.signal, given.kubelet.signal]);
  const stuck = Promise.withResolvers<string>();

  const show = (name: string, status: JsonObject): void => {
    const labels = { ...recordIn(metadataOf(template), "labels"), ...between?.labels, [hashLabel]: revision };
    const own = { name, namespace, labels, annotations: metadataOf(template)["annotations"] ?? {} };
    const metadata = { ...own, ...ownedBy(between?.maker ?? version) };
    const spec = template["spec"] ?? {};
    given.store.put(kind, { object: { apiVersion: "v1", kind: "Pod", metadata, spec, status }, owners: [] });
  };
  const containerName = (): string => String(recordIn({ first: firstContainer(template) }, "first")["name"] ?? "");
  const names = Array.from({ length: count }, (_, index) => `${workload.name}-${hash}-${index}`);

  /** Once: what it is not. */
  const bringUpOnce = async (name: string, restartCount: number): Promise<Container | PodFailure> => {
    const containerStatus = { name: containerName(), restartCount };
    try {
      const container = await startPod(name, template, { ...given.kubelet, signal });
      show(name, {
        phase: "Running",
        conditions: [{ type: "Ready", status: "True" }],
        containerStatuses: [{ ...containerStatus, ready: true, state: { running: {} } }],
      });
      return container;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const failure = error instanceof PodFailure ? error : new PodFailure("Error", message, { cause: error });
      if (signal.aborted) return failure;
      const waiting = { reason: failure.reason, message };
      show(name, {
        phase: "Pending",
        conditions: [{ type: "Ready", status: "False", reason: "ContainersNotReady" }],
        containerStatuses: [{ ...containerStatus, ready: false, state: { waiting } }],
      });
      return failure;
    }
  };
  const bringUp = async (name: string): Promise<Container | undefined> => {
    show(name, { phase: "Pending", conditions: [{ type: "Ready", status: "False" }] });
    const noMore = AbortSignal.any([signal, givenUp.signal]);
    let pause = firstPause;
    for (let restarts = 0; ; restarts += 1) {
      const became = await bringUpOnce(name, restarts);
      if (!(became instanceof PodFailure)) return became;
      stuck.resolve(`${became.reason}: ${became.message}`);
      if (!noMore.aborted) await given.passed(pause, noMore);
      if (noMore.aborted) return undefined;
      pause = Math.min(2 * pause, longestPause);
    }
  };

  const kindOf = (object: JsonObject) => knownKind(String(object["apiVersion"]), String(object["kind"]));
  for (const object of made) given.store.put(kindOf(object), { object, owners: [] });
  const started = Promise.all(names.map(bringUp));
  return {
    hash,
    template,
    ready: started.then((all) => {
      const up = all.filter((each) => each !== undefined);
      return up.length === count ? up : undefined;
    }),
    stuck: stuck.promise,
    giveUp: () => givenUp.abort(),
    async retire() {
      abort.abort();
      const all = await started;
      for (const object of made) given.store.remove(kindOf(object), namespace, String(metadataOf(object)["name"]));
      for (const name of names) given.store.remove(kind, namespace, name);
      await Promise.all(all.map((container) => container?.stop()));
    },
  };
}

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/owners-dependents/ */
function ownedBy(version: JsonObject | undefined): JsonObject {
  if (version === undefined) return {};
  const { apiVersion = "", kind = "" } = version;
  return { ownerReferences: [{ apiVersion, kind, name: metadataOf(version)["name"] ?? "", controller: true }] };
}

function firstContainer(template: JsonObject): JsonObject {
  const containers = recordIn(template, "spec")["containers"];
  const [first] = Array.isArray(containers) ? (containers as readonly JsonObject[]) : [];
  return first ?? {};
}
