import { describe, expect, it } from "vitest";
import type { Cluster, KubernetesObject } from "../../../adapters/kubernetes/cluster.ts";
import { kubernetesTarget } from "../../../adapters/kubernetes/deployment-target.ts";
import { releaseDocument } from "../../../adapters/kubernetes/release-document.ts";
import { memberOf } from "../../../adapters/kubernetes/workload-kinds.ts";
import { releaseOf } from "../../../adapters/kubernetes/workload-standing.ts";
import type { Progress, Running } from "../../../core/deployment/deployment-target.ts";
import { type Candidate, deployment, order, service as target } from "./releases.ts";

/** What KServe says once it was well with anything. */
const well = { conditions: [{ type: "Ready", status: "True" }], modelStatus: { transitionStatus: "UpToDate" } };
const failedLoad = {
  conditions: [{ type: "Ready", status: "False" }],
  modelStatus: { transitionStatus: "BlockedByFailedLoad" },
};

interface Scene {
  readonly asked?: Candidate;
  readonly generation?: number;
  readonly status?: KubernetesObject;
  readonly replicaSets?: readonly KubernetesObject[];
  readonly revision?: KubernetesObject;
}

/** An InferenceService that was asked for the candidate while the champion ran, what KServe says of it, and what it made. */
function kubernetes({ asked = "candidate", generation = 2, status = well, replicaSets = [], revision }: Scene) {
  const document = asks(asked);
  const metadata = { ...memberOf(document, "metadata"), generation, resourceVersion: "7" };
  const object: KubernetesObject = { ...document, metadata, status: { observedGeneration: 2, ...status } };
  const cluster = {
    get: async ({ kind }: { readonly kind: string }) => (kind === "Revision" ? revision : object),
    list: async ({ kind }: { readonly kind: string }, _: string, selector: string) =>
      kind === "ReplicaSet" && selector === "serving.kserve.io/inferenceservice=credit-scoring,component=predictor"
        ? replicaSets
        : [],
  } as unknown as Cluster;
  return kubernetesTarget(async () => cluster);
}

function asks(name: Candidate): KubernetesObject {
  return releaseDocument(releaseOf(order(name, target), "b".repeat(64), target), target, undefined);
}

/** A ReplicaSet of the Deployment that KServe makes, by the number of its version; `available`: of two pods, while it has any. */
function replicaSet(name: Candidate, version: number, available = 2, replicas = 2): KubernetesObject {
  const { labels = {}, annotations = {}, ...spec } = memberOf(memberOf(asks(name), "spec"), "predictor");
  return {
    metadata: {
      name: `credit-scoring-predictor-${version}`,
      annotations: { "deployment.kubernetes.io/revision": String(version) },
      ownerReferences: [{ kind: "Deployment", name: "credit-scoring-predictor" }],
    },
    spec: { replicas, template: { metadata: { labels, annotations }, spec } },
    status: { replicas, availableReplicas: available },
  };
}

function check(scene: Scene): Promise<Progress> {
  return kubernetes(scene).check(deployment("candidate", target));
}

function running(scene: Scene): Promise<Running> {
  return kubernetes(scene).describeRunning(target);
}

const onItsWay = (why: string) => ({
  kind: "under-way",
  why: `The InferenceService 'models/credit-scoring' is on its way: ${why}.`,
});

describe("without Knative, an InferenceService that says it is ready", () => {
  it("serves once its Deployment's newest ReplicaSet is what was approved, and no other has a pod", async () => {
    const replicaSets = [replicaSet("champion", 1, 0, 0), replicaSet("candidate", 2)];
    expect(await check({ replicaSets })).toMatchObject({ kind: "serving" });
    expect(await running({ replicaSets })).not.toHaveProperty("changingTo");
  });

  it.each<[string, readonly KubernetesObject[], string]>([
    ["KServe has not looked at it yet", [replicaSet("champion", 1)], "KServe has not made what it asks for yet"],
    ["there is nothing yet", [], "KServe has not made what it asks for yet"],
    [
      "its Deployment replaces its pods",
      [replicaSet("champion", 1, 1, 1), replicaSet("candidate", 2, 1)],
      "replicas of what ran before are still there",
    ],
    [
      "its new pods never come, and the old ones answer",
      [replicaSet("champion", 1), replicaSet("candidate", 2, 0, 1)],
      "replicas of what ran before are still there",
    ],
    ["its new pods are not ready", [replicaSet("candidate", 2, 1)], "its replicas are not all ready"],
    ["it has none", [replicaSet("candidate", 2, 0, 0)], "its replicas are not all ready"],
    [
      "what was approved is not what its Deployment asks for now",
      [replicaSet("candidate", 1), replicaSet("champion", 2)],
      "KServe has not made what it asks for yet",
    ],
  ])("is on its way while %s", async (_, replicaSets, why) => {
    // Whatever its Deployment has counted.
    for (const generation of [1, 2]) {
      expect(await check({ replicaSets, generation })).toMatchObject(onItsWay(why));
      expect((await running({ replicaSets, generation })).changingTo).toBe(order("candidate").promotion);
    }
  });

  it("serves also where it was changed more often than its Deployment", async () => {
    expect(await check({ replicaSets: [replicaSet("candidate", 2)], generation: 9 })).toMatchObject({
      kind: "serving",
    });
  });

  it("says what answers beside what it asks for, and by which ReplicaSet", async () => {
    const replicaSets = [replicaSet("champion", 1), replicaSet("candidate", 2, 0, 1)];
    expect((await running({ replicaSets })).givingWay).toEqual({
      name: "ReplicaSet models/credit-scoring-predictor-1",
      promotion: order("champion").promotion,
    });
  });

  it("has failed where only what was approved has pods, and its model does not load", async () => {
    expect(await check({ status: failedLoad, replicaSets: [replicaSet("candidate", 2, 0)] })).toMatchObject({
      kind: "unhealthy",
      unwell: true,
    });
  });

  it("goes back while the failure that it tells of may be that of what is taken back", async () => {
    const { revision: previous = "" } = await running({ asked: "champion", replicaSets: [replicaSet("champion", 1)] });
    const back = (replicaSets: readonly KubernetesObject[], status: KubernetesObject) =>
      kubernetes({ asked: "champion", status, replicaSets }).check({ ...deployment("candidate", target), previous });
    expect(await back([replicaSet("champion", 1), replicaSet("candidate", 2, 0)], failedLoad)).toMatchObject({
      kind: "under-way",
    });
    expect(await back([replicaSet("champion", 3), replicaSet("candidate", 2, 0, 1)], failedLoad)).toMatchObject({
      kind: "under-way",
    });
    expect(await back([replicaSet("champion", 3), replicaSet("candidate", 2, 0, 0)], well)).toMatchObject({
      kind: "returned",
    });
  });
});

describe("with Knative, an InferenceService that says it is ready", () => {
  const made = (name: Candidate): KubernetesObject => {
    const { metadata, spec } = memberOf(memberOf(replicaSet(name, 1), "spec"), "template");
    return { metadata: { ...memberOf({ metadata: metadata ?? {} }, "metadata"), name: "r2" }, spec: spec ?? {} };
  };
  const told = (revisions: KubernetesObject) => ({ ...well, components: { predictor: revisions } });
  const all = (revisionName: string) => [{ latestRevision: true, percent: 100, revisionName }];
  const latest = { latestCreatedRevision: "r2", latestReadyRevision: "r2", latestRolledoutRevision: "r2" };

  it.each([1, 2, 9])(
    "serves once its latest revision is what was approved, by generation %i too",
    async (generation) => {
      const status = told({ ...latest, traffic: all("r2") });
      expect(await check({ generation, status, revision: made("candidate") })).toMatchObject({ kind: "serving" });
    },
  );

  it.each<[string, KubernetesObject, KubernetesObject | undefined, string]>([
    [
      "that revision is what ran before",
      { ...latest, traffic: all("r2") },
      made("champion"),
      "KServe has not made what it asks for yet",
    ],
    [
      "there is none of its name",
      { ...latest, traffic: all("r2") },
      undefined,
      "KServe has not made what it asks for yet",
    ],
    [
      "the one before is the last that is ready",
      { ...latest, latestReadyRevision: "r1", traffic: all("r1") },
      made("candidate"),
      "revision r2 is not ready yet",
    ],
    [
      "a part of the requests goes to another, and no part is asked for any more",
      {
        ...latest,
        traffic: [
          { latestRevision: true, percent: 25, revisionName: "r2" },
          { latestRevision: false, percent: 75, revisionName: "r1" },
        ],
      },
      made("candidate"),
      "revision r1 still answers",
    ],
  ])("is on its way while %s", async (_, revisions, revision, why) => {
    const scene = { status: told(revisions), ...(revision === undefined ? {} : { revision }) };
    expect(await check(scene)).toMatchObject(onItsWay(why));
  });

  it("is on its way with what KServe says where Knative takes nothing of it", async () => {
    const message = "fails to reconcile predictor: must not set the field(s): spec.template.spec.initContainers";
    const status = {
      ...told({ ...latest, traffic: all("r2") }),
      conditions: [{ type: "Ready", status: "False", message }],
    };
    expect(await check({ status: { ...status, modelStatus: {} }, revision: made("champion") })).toMatchObject(
      onItsWay(`KServe has not made what it asks for yet, and says: ${message}`),
    );
  });

  it("leaves requests with what ran before where the model of its latest revision does not load", async () => {
    const status = { ...told({ ...latest, latestReadyRevision: "r1", traffic: all("r1") }), ...failedLoad };
    const progress = await check({ status, revision: made("candidate") });
    expect(progress.kind).toBe("unhealthy");
    expect(progress).not.toHaveProperty("unwell");
  });
});
