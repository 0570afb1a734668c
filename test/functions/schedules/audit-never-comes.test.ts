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
  /** The image of what answers beside it, under the same labels. */
  readonly beside?: string;
}

/** What was approved as it is in the cluster, but for a fault, and what the audit tells of it. */
async function audited(
  workload: Workload,
  { spec = {}, status, beside }: Fault,
  pods: readonly KubernetesObject[] | ((image: string) => KubernetesObject) = [],
): Promise<readonly unknown[]> {
  const target: KubernetesTarget = { ...trial, name: "production", workload };
  const over = { submittedAt: addSeconds(now, -3600) };
  const { promotion, bytes } = await approvedPromotion("1.4.0", { candidate: { target }, over });
  const deployment = deploymentOf(promotion) ?? expect.unreachable();
  const release = releaseOf(deployment, promotion.verdict?.sha256 ?? "", target);
  const asked = releaseDocument(release, target, undefined) as KubernetesObject;
  const metadata = { ...memberOf(asked, "metadata"), generation: 2, resourceVersion: "7" };
  const object = { ...asked, metadata, spec: { ...memberOf(asked, "spec"), ...spec }, status } as KubernetesObject;
  const { template = {} } = memberOf(asked, "spec");
  const other = JSON.parse(
    JSON.stringify(template).replaceAll(deployment.image, beside === theirs ? theirs : deployment.image),
  );
  const owned = { name: "credit-scoring-5d9c", ownerReferences: [{ kind: "Deployment", name: trial.endpoint }] };
  const replicaSets = [{ metadata: owned, spec: { template: other }, status: { replicas: 3 } }];
  const found = {
    Pod: typeof pods === "function" ? [pods(deployment.image)] : pods,
    ReplicaSet: beside === undefined ? [] : replicaSets,
  };
  const cluster: Cluster = {
    get: async () => object,
    list: async ({ kind }: { readonly kind: keyof typeof found }) => found[kind],
    apply: async () => expect.unreachable(),
    ask: async () => expect.unreachable(),
    remove: async () => expect.unreachable(),
  } as unknown as Cluster;
  const { blobs, audit, told } = scene([promotion], {}, { targets: everyKind(kubernetesTarget(async () => cluster)) });
  await blobs.put(bytes);
  await audit();
  return told("intruder-found").map(({ body }) => body["kind"]);
}

const theirs = `registry.example/theirs@sha256:${"6".repeat(64)}`;
const all = { observedGeneration: 2, replicas: 1, updatedReplicas: 1, availableReplicas: 1, readyReplicas: 1 };

// Somebody changed what runs, and once it answered put back what was approved in words alone: so that it never comes to run.

it.each<[string, Workload, Fault]>([
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
    {
      spec: { replicas: 3, progressDeadlineSeconds: 2147483647 },
      status: { observedGeneration: 2, replicas: 4, updatedReplicas: 1, availableReplicas: 3, unavailableReplicas: 1 },
      beside: theirs,
    },
  ],
  [
    "its latest revision never is ready, and Knative goes on with the one before",
    "inference-service",
    {
      status: {
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
      },
    },
  ],
])("what was approved an hour ago does not run where %s", async (_, workload, fault) => {
  expect(await audited(workload, fault)).not.toEqual([]);
});

const podOf = (
  images: Readonly<Record<string, string>>,
  over: KubernetesObject = {},
  phase = "Running",
): KubernetesObject => ({
  metadata: { name: "credit-scoring-5d9c-x", ...over },
  spec: { containers: Object.entries(images).map(([name, image]) => ({ name, image })) },
  status: { phase },
});
const digest = (image: string) => image.slice(image.indexOf("@"));

it("what was approved does not run where somebody changed the image of its pods, which Kubernetes lets them", async () => {
  expect(await audited("deployment", { status: all }, [podOf({ [trial.container]: theirs })])).toEqual(["altered"]);
});

it.each<[string, (image: string) => KubernetesObject]>([
  [
    "in a pod that takes the same bytes from elsewhere",
    (image) => podOf({ [trial.container]: `mirror.example/scorer${digest(image)}` }),
  ],
  ["in a pod with another container beside it", (image) => podOf({ [trial.container]: image, side: theirs })],
  ["whatever a pod ran that ended", () => podOf({ [trial.container]: theirs }, {}, "Failed")],
  ["whatever a pod runs that is going", () => podOf({ [trial.container]: theirs }, { deletionTimestamp: now })],
])("what was approved runs %s", async (_, pod) => {
  expect(await audited("deployment", { status: all }, pod)).toEqual([]);
});

it("what was approved runs, and what is on its way gives no sign of anybody, while old pods of it are replaced", async () => {
  const status = {
    observedGeneration: 2,
    replicas: 4,
    updatedReplicas: 1,
    availableReplicas: 3,
    unavailableReplicas: 1,
  };
  expect(await audited("deployment", { spec: { replicas: 3 }, status, beside: "approved" })).toEqual([]);
});
