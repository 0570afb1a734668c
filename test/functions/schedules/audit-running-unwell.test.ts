import { expect, it } from "vitest";
import type { Cluster, KubernetesObject } from "../../../adapters/kubernetes/cluster.ts";
import { kubernetesTarget } from "../../../adapters/kubernetes/deployment-target.ts";
import { releaseDocument } from "../../../adapters/kubernetes/release-document.ts";
import { memberOf } from "../../../adapters/kubernetes/workload-kinds.ts";
import { releaseOf } from "../../../adapters/kubernetes/workload-standing.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { KubernetesTarget } from "../../../core/promotion/target.ts";
import { deploymentOf } from "../../../functions/steps/order.ts";
import { target as trial } from "../../adapters/kubernetes/releases.ts";
import { now } from "../../core/promotion/promotion-in-review.ts";
import { approvedPromotion } from "../approved-promotion.ts";
import { everyKind } from "../memory-target.ts";
import { scene } from "./audit-scene.ts";

type Workload = KubernetesTarget["workload"];
interface Fault {
  readonly spec?: KubernetesObject;
  readonly status: KubernetesObject;
}

/** What was approved as it is in the cluster, but for a fault, and what the audit tells of it. */
async function audited(workload: Workload, { spec = {}, status }: Fault): Promise<readonly unknown[]> {
  const target: KubernetesTarget = { ...trial, name: "production", workload };
  const over = { submittedAt: addSeconds(now, -3600) };
  const { promotion, bytes } = await approvedPromotion("1.4.0", { candidate: { target }, over });
  const deployment = deploymentOf(promotion) ?? expect.unreachable();
  const release = releaseOf(deployment, promotion.verdict?.sha256 ?? "", target);
  const asked = releaseDocument(release, target, undefined) as KubernetesObject;
  const metadata = { ...memberOf(asked, "metadata"), generation: 2, resourceVersion: "7" };
  const object = { ...asked, metadata, spec: { ...memberOf(asked, "spec"), ...spec }, status } as KubernetesObject;
  const cluster: Cluster = {
    get: async () => object,
    list: async () => [],
    apply: async () => expect.unreachable(),
    ask: async () => expect.unreachable(),
    remove: async () => expect.unreachable(),
  } as unknown as Cluster;
  const { blobs, audit, told } = scene([promotion], {}, { targets: everyKind(kubernetesTarget(async () => cluster)) });
  await blobs.put(bytes);
  await audit();
  return told("intruder-found").map(({ body }) => body["kind"]);
}

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
    { status: { observedGeneration: 2, modelStatus: failedLoad } },
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
