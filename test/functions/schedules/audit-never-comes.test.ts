import { expect, it } from "vitest";
import type { KubernetesObject } from "../../../adapters/kubernetes/cluster.ts";
import { annotation } from "../../../adapters/kubernetes/served-release.ts";
import { memberOf } from "../../../adapters/kubernetes/workload-kinds.ts";
import type { KubernetesTarget } from "../../../core/promotion/target.ts";
import { target as trial } from "../../adapters/kubernetes/releases.ts";
import { now } from "../../core/promotion/promotion-in-review.ts";
import { audited, type Beside, type Fault, replicaSet, withImage } from "./audited-workload.ts";

type Workload = KubernetesTarget["workload"];
const theirs = `registry.example/theirs@sha256:${"6".repeat(64)}`;
const all = { observedGeneration: 2, replicas: 1, updatedReplicas: 1, availableReplicas: 1, readyReplicas: 1 };
const coming = { observedGeneration: 2, replicas: 4, updatedReplicas: 1, availableReplicas: 3, unavailableReplicas: 1 };
const neverReady: KubernetesObject = {
  observedGeneration: 2,
  conditions: [{ type: "Ready", status: "Unknown", reason: "Unschedulable" }],
  components: {
    predictor: {
      latestCreatedRevision: "scorer-00003",
      latestReadyRevision: "scorer-00002",
      // Knative calls the latest that is ready so.
      traffic: [{ latestRevision: true, revisionName: "scorer-00002", percent: 100 }],
    },
  },
};

/** Of another promotion, by its label, that never was. */
const called: KubernetesObject = {
  ...{ "app.kubernetes.io/name": trial.endpoint, [annotation.promotion]: `p-${"9".repeat(32)}-1` },
};
const foreign: KubernetesObject = {
  metadata: { name: "scorer-00002", labels: called },
  spec: { containers: [{ name: trial.container, image: theirs }] },
};

// Somebody changed what runs, and once it answered put back what was approved in words alone: so that it never comes to run.

it.each<[string, Workload, Fault, ((approved: Parameters<typeof withImage>[0]) => Beside)?]>([
  [
    "its Deployment is paused, and all of its pods are of what was asked for before",
    "deployment",
    {
      spec: { replicas: 3, paused: true },
      status: { observedGeneration: 2, replicas: 3, updatedReplicas: 0, availableReplicas: 3, readyReplicas: 3 },
    },
  ],
  [
    "its new pods find no node, and nothing says by when they had to",
    "deployment",
    { spec: { replicas: 3, progressDeadlineSeconds: 2147483647 }, status: coming },
    (approved) => ({ replicaSets: [replicaSet("old", withImage(approved, theirs))] }),
  ],
  [
    "what answers calls itself another promotion's, and is asked to go again and again",
    "deployment",
    { spec: { replicas: 3, progressDeadlineSeconds: 3600 }, status: coming },
    () => ({ replicaSets: [replicaSet("old", foreign)] }),
  ],
  [
    "its latest revision never is ready, and Knative goes on with the one before",
    "inference-service",
    { status: neverReady },
    () => ({ revision: { ...foreign, metadata: { name: "scorer-00002" } } }),
  ],
  [
    "that one calls itself another promotion's",
    "inference-service",
    { status: neverReady },
    () => ({ revision: foreign }),
  ],
  [
    "it has a container of another name, and none of the target's",
    "deployment",
    { spec: { template: { spec: { containers: [{ name: "theirs", image: theirs }] } } }, status: all },
  ],
  [
    "its Rollout has a container of another name",
    "rollout",
    {
      spec: { template: { spec: { containers: [{ name: "theirs", image: theirs }] } } },
      status: { observedGeneration: "2", phase: "Healthy", currentPodHash: "a", stableRS: "a" },
    },
  ],
  [
    "its predictor is one of KServe's own",
    "inference-service",
    {
      spec: { predictor: { model: { modelFormat: { name: "sklearn" }, storageUri: "s3://theirs/model" } } },
      status: {
        observedGeneration: 2,
        conditions: [{ type: "Ready", status: "True" }],
        components: { predictor: { latestCreatedRevision: "r2", latestReadyRevision: "r2" } },
      },
    },
  ],
])("what was approved an hour ago does not run where %s", async (_, workload, fault, besides) => {
  expect(await audited(workload, fault, besides)).toHaveLength(1);
});

it("what was approved runs, and what is on its way gives no sign of anybody, while old pods of it are replaced", async () => {
  const old = audited("deployment", { spec: { replicas: 3 }, status: coming }, ({ template }) => ({
    replicaSets: [replicaSet("old", template)],
  }));
  expect(await old).toEqual([]);
});

it("what somebody scaled to nothing runs nothing, whatever it is called", async () => {
  const spec = { replicas: 0, template: { spec: { containers: [{ name: "theirs", image: theirs }] } } };
  expect(await audited("deployment", { spec, status: { observedGeneration: 2 } })).toEqual([]);
});

interface Pod {
  readonly images: Readonly<Record<string, string>>;
  readonly labels?: KubernetesObject;
  readonly metadata?: KubernetesObject;
  readonly phase?: string;
}
const inPod =
  ({ images, labels, metadata = {}, phase = "Running" }: Pod) =>
  (approved: { readonly template: KubernetesObject }) => {
    const own = memberOf(memberOf(approved.template, "metadata"), "labels");
    const ownerReferences = [{ kind: "ReplicaSet", name: "credit-scoring-5d9c" }];
    const pod: KubernetesObject = {
      metadata: { name: "credit-scoring-5d9c-x", labels: labels ?? own, ownerReferences, ...metadata },
      spec: { containers: Object.entries(images).map(([name, image]) => ({ name, image })) },
      status: { phase },
    };
    return { pods: [pod], replicaSets: [replicaSet("credit-scoring-5d9c", approved.template)] };
  };

// https://kubernetes.io/docs/concepts/workloads/pods/#pod-update-and-replacement: `kubectl set image pod/… scorer=…`
it.each<[string, KubernetesObject | undefined]>([
  ["", undefined],
  [", and its labels", { "app.kubernetes.io/name": trial.endpoint }],
])("what was approved does not run where somebody changed the image of a pod%s", async (_, labels) => {
  const pod = inPod({ images: { [trial.container]: theirs }, ...(labels === undefined ? {} : { labels }) });
  expect(await audited("deployment", { status: all }, pod)).toEqual(["altered"]);
});

it.each<[string, (image: string) => Pod]>([
  [
    "in a pod that takes the same bytes from elsewhere",
    (image) => ({ images: { [trial.container]: `mirror.example/scorer${image.slice(image.indexOf("@"))}` } }),
  ],
  ["in a pod with another container beside it", (image) => ({ images: { [trial.container]: image, side: theirs } })],
  ["whatever a pod ran that ended", () => ({ images: { [trial.container]: theirs }, phase: "Failed" })],
  [
    "whatever a pod runs that is going",
    () => ({ images: { [trial.container]: theirs }, metadata: { deletionTimestamp: now } }),
  ],
])("what was approved runs %s", async (_, pod) => {
  expect(await audited("deployment", { status: all }, (approved) => inPod(pod(approved.image))(approved))).toEqual([]);
});

const madeBy = (kind: string, name: string) => ({ ownerReferences: [{ kind, name }] });

it.each<[string, KubernetesObject]>([
  ["by itself", { ownerReferences: [] }],
  ["by a Job of somebody's", madeBy("Job", "theirs")],
  ["by another Deployment's ReplicaSet", madeBy("ReplicaSet", "theirs-7c4f")],
])("what answers is altered where a pod %s stands among those of the workload", async (_, metadata) => {
  expect(await audited("deployment", { status: all }, besideOwn(metadata))).toEqual(["altered"]);
});

it.each<[string, KubernetesObject, string]>([
  ["that has ended", { ownerReferences: [] }, "Succeeded"],
  ["whose ReplicaSet is gone, which takes it with it", madeBy("ReplicaSet", "gone"), "Running"],
  ["of a ReplicaSet of its own that lost its labels", madeBy("ReplicaSet", "credit-scoring-unlabelled"), "Running"],
])("nothing is altered by a pod %s", async (_, metadata, phase) => {
  expect(await audited("deployment", { status: all }, besideOwn(metadata, phase))).toEqual([]);
});

// https://kubernetes.io/docs/concepts/workloads/pods/ephemeral-containers/: none is ever removed from its pod.
const debugging = {
  ephemeralContainers: [{ name: "debugger-x7k2", image: theirs, targetContainerName: trial.container }],
};

it.each<[string, Workload, KubernetesObject]>([
  ["Deployment", "deployment", all],
  ["Rollout", "rollout", { observedGeneration: "2", phase: "Healthy", currentPodHash: "a", stableRS: "a" }],
  [
    "InferenceService",
    "inference-service",
    {
      observedGeneration: 2,
      conditions: [{ type: "Ready", status: "True" }],
      components: { predictor: { latestCreatedRevision: "r2", latestReadyRevision: "r2" } },
    },
  ],
])(
  "what runs is altered where somebody debugs a pod of a %s, and where the pod is going it is not",
  async (_, workload, status) => {
    const kserve = { "serving.kserve.io/inferenceservice": trial.endpoint };
    const found = (metadata: KubernetesObject) =>
      audited(workload, { status }, (approved) => {
        const labels = { ...memberOf(memberOf(approved.template, "metadata"), "labels"), ...kserve };
        const { pods = [], replicaSets } = inPod({ images: { [trial.container]: approved.image }, labels, metadata })(
          approved,
        );
        const kind = workload === "rollout" ? "Rollout" : "Deployment";
        const owned = replicaSets.map((set) => ({
          ...set,
          metadata: { ...memberOf(set, "metadata"), ...madeBy(kind, trial.endpoint) },
        }));
        const debugged = pods.map((pod) => ({ ...pod, spec: { ...memberOf(pod, "spec"), ...debugging } }));
        return { pods: debugged, replicaSets: owned };
      });
    expect(await found({})).toEqual(["altered"]);
    expect(await found({ deletionTimestamp: now })).toEqual([]);
  },
);

it.each<[string, KubernetesObject, KubernetesObject, readonly string[]]>([
  ["by hand, with KServe's label", { "serving.kserve.io/inferenceservice": trial.endpoint }, {}, ["altered"]],
  ["by hand, with the one that its Service looks for", { app: `isvc.${trial.endpoint}-predictor` }, {}, ["altered"]],
  ["by a Job", { app: `isvc.${trial.endpoint}-predictor` }, madeBy("Job", "theirs"), ["altered"]],
  [
    "by a ReplicaSet, as KServe has its own",
    { "serving.kserve.io/inferenceservice": trial.endpoint },
    madeBy("ReplicaSet", `${trial.endpoint}-predictor-5d9c`),
    [],
  ],
  ["of another InferenceService", { "serving.kserve.io/inferenceservice": "another" }, {}, []],
])("a pod stands beside those of an InferenceService that was made %s", async (_, labels, owners, kinds) => {
  const status = {
    observedGeneration: 2,
    conditions: [{ type: "Ready", status: "True" }],
    components: { predictor: { latestCreatedRevision: "r2", latestReadyRevision: "r2" } },
  };
  const pod: KubernetesObject = {
    metadata: { name: "stands-beside", labels, ...owners },
    spec: { containers: [{ name: trial.container, image: theirs }] },
    status: { phase: "Running" },
  };
  expect(await audited("inference-service", { status }, () => ({ pods: [pod] }))).toEqual(kinds);
});

/** One more pod with the workload's labels, beside one that its ReplicaSet made. */
function besideOwn(metadata: KubernetesObject, phase = "Running") {
  return (approved: { readonly image: string; readonly template: KubernetesObject }): Beside => {
    const images = { [trial.container]: approved.image };
    const own = inPod({ images })(approved);
    const more = inPod({ images, metadata: { name: "another", ...metadata }, phase })(approved);
    const labelled = (name: string, owner: string): KubernetesObject => ({
      metadata: { name, ...madeBy("Deployment", owner) },
    });
    const others = [labelled("theirs-7c4f", "theirs"), labelled("credit-scoring-unlabelled", trial.endpoint)];
    return { pods: [...own.pods, ...more.pods], replicaSets: [...own.replicaSets, ...others] };
  };
}
