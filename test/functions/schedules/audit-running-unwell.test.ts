import { expect, it } from "vitest";
import type { KubernetesObject } from "../../../adapters/kubernetes/cluster.ts";
import type { KubernetesTarget } from "../../../core/promotion/target.ts";
import { audited, type Fault } from "./audited-workload.ts";

type Workload = KubernetesTarget["workload"];

const failedLoad = { transitionStatus: "BlockedByFailedLoad", lastFailureInfo: { reason: "ModelLoadFailed" } };
const stuck = { conditions: [{ type: "Progressing", reason: "ProgressDeadlineExceeded" }] };

it.each<[string, Workload, Fault]>([
  [
    "scaled to nothing for the night",
    "deployment",
    { spec: { replicas: 0 }, status: { observedGeneration: 2, replicas: 0 } },
  ],
  [
    "degraded since a node was lost",
    "rollout",
    { status: { observedGeneration: "2", phase: "Degraded", message: "0 of 2", currentPodHash: "a", stableRS: "a" } },
  ],
  [
    "without its model while S3 does not answer",
    "inference-service",
    {
      status: {
        observedGeneration: 2,
        modelStatus: failedLoad,
        components: { predictor: { latestCreatedRevision: "r2", latestReadyRevision: "r2" } },
      },
    },
  ],
])("what was approved, and is %s, is no intruder", async (_, workload, fault) => {
  expect(await audited(workload, fault)).toEqual([]);
});

it.each<[Workload, KubernetesObject]>([
  ["deployment", { observedGeneration: 2, ...stuck, replicas: 3, updatedReplicas: 1 }],
  ["rollout", { observedGeneration: "2", phase: "Degraded", abort: true, currentPodHash: "b", stableRS: "a" }],
  [
    "inference-service",
    {
      observedGeneration: 2,
      modelStatus: failedLoad,
      components: { predictor: { latestCreatedRevision: "r2", latestReadyRevision: "r1" } },
    },
  ],
])("a %s that failed and leaves requests to what ran before is altered", async (workload, status) => {
  expect(await audited(workload, { status })).toEqual(["altered"]);
});
