import { canonicalJson } from "../../core/encoding/canonical-json.ts";
import { sha256Hex } from "../../core/encoding/sha256.ts";
import { type JsonObject, recordIn } from "../aws/json-shape.ts";
import type { Container } from "../sagemaker/container.ts";
import { knownKind } from "./kinds.ts";
import { type KubeletOptions, PodFailure, startPod } from "./kubelet.ts";
import { metadataOf, type ObjectStore } from "./store.ts";
import type { WorkloadKind } from "./workloads.ts";

/** The pods of one version of a workload's template. */
export interface PodSet {
  readonly hash: string;
  readonly template: JsonObject;
  /** Resolves once every pod is ready; `undefined` where one cannot come up, after its status says why. */
  readonly ready: Promise<readonly Container[] | undefined>;
  /** Why they cannot come up, in a sentence, once that is known. */
  why(): string | undefined;
  retire(): Promise<void>;
}

/** The hash by which controllers tell the versions of a template apart. */
export function templateHash(template: JsonObject): string {
  return sha256Hex(new TextEncoder().encode(canonicalJson(template))).slice(0, 10);
}

/** Starts `count` pods of a template, each with its object. `hashLabel` is what the workload's controller calls the hash, and `revisionOf` what it makes of it. */
export function startPods(
  workload: { readonly namespace: string; readonly name: string } & Pick<
    WorkloadKind,
    "hashLabel" | "revisionOf" | "versionOf" | "makerOf"
  >,
  template: JsonObject,
  count: number,
  given: { readonly store: ObjectStore; readonly kubelet: KubeletOptions },
): PodSet {
  const kind = knownKind("v1", "Pod");
  const { namespace, hashLabel, revisionOf } = workload;
  const hash = templateHash(template);
  const revision = revisionOf?.(workload.name, hash) ?? hash;
  const version = workload.versionOf?.(workload, hash, template, count);
  const between = workload.makerOf?.(workload, hash, template, count);
  const made = [version, between?.maker].filter((each) => each !== undefined);
  const abort = new AbortController();
  const signal = AbortSignal.any([abort.signal, given.kubelet.signal]);
  let why: string | undefined;

  const show = (name: string, status: JsonObject): void => {
    const labels = { ...recordIn(metadataOf(template), "labels"), ...between?.labels, [hashLabel]: revision };
    const own = { name, namespace, labels, annotations: metadataOf(template)["annotations"] ?? {} };
    const metadata = { ...own, ...ownedBy(between?.maker ?? version) };
    const spec = template["spec"] ?? {};
    given.store.put(kind, { object: { apiVersion: "v1", kind: "Pod", metadata, spec, status }, owners: [] });
  };
  const containerName = (): string => String(recordIn({ first: firstContainer(template) }, "first")["name"] ?? "");
  const names = Array.from({ length: count }, (_, index) => `${workload.name}-${hash}-${index}`);

  const bringUp = async (name: string): Promise<Container | undefined> => {
    show(name, { phase: "Pending", conditions: [{ type: "Ready", status: "False" }] });
    try {
      const container = await startPod(name, template, { ...given.kubelet, signal });
      const state = { running: {} };
      show(name, {
        phase: "Running",
        conditions: [{ type: "Ready", status: "True" }],
        containerStatuses: [{ name: containerName(), ready: true, restartCount: 0, state }],
      });
      return container;
    } catch (error) {
      if (signal.aborted) return undefined;
      const reason = error instanceof PodFailure ? error.reason : "Error";
      const message = error instanceof Error ? error.message : String(error);
      why ??= `${reason}: ${message}`;
      const waiting = { reason, message };
      show(name, {
        phase: "Pending",
        conditions: [{ type: "Ready", status: "False", reason: "ContainersNotReady" }],
        containerStatuses: [{ name: containerName(), ready: false, restartCount: 0, state: { waiting } }],
      });
      return undefined;
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
    why: () => why,
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
