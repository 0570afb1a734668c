import { beforeEach, expect, it } from "vitest";
import type { KubernetesObject } from "../../../adapters/kubernetes/cluster.ts";
import { kubernetesTarget } from "../../../adapters/kubernetes/deployment-target.ts";
import { itemsIn, workloadKinds } from "../../../adapters/kubernetes/workload-kinds.ts";
import type { Deployment } from "../../../core/deployment/deployment-target.ts";
import type { ApprovedOrder } from "../../../core/deployment/order.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import type { KubernetesTarget } from "../../../core/promotion/target.ts";
import { localCluster, packedChampion } from "../../local/kubernetes/setup.ts";
import { deployment, order, release, settledIn, target, update } from "./releases.ts";

const cluster = localCluster({ analyse: () => ({ phase: "Successful", message: "" }) });
const kubernetes = kubernetesTarget(() => cluster.as());
beforeEach(() => {
  for (const { resource } of Object.values(workloadKinds))
    cluster.kubernetes.remove(resource, "models", "credit-scoring");
});

const unpacking = { ...target, unpack: true } as const;
const sha256 = sha256Hex(packedChampion);
const model = { uri: `s3://artifacts/frozen/${sha256}/packed.tar.gz`, versionId: "packed-1", sha256 };
const packed = (where: KubernetesTarget = unpacking) => ({ ...order("champion", where), model }) as ApprovedOrder;
const ofPacked = (): Deployment => ({ ...deployment("champion", unpacking), model });

/** The container that fetches, as it stands in the cluster. */
async function fetcher(): Promise<KubernetesObject> {
  const { resource } = workloadKinds.deployment;
  const object = await (await cluster.as()).get(resource, "models", "credit-scoring");
  return itemsIn(workloadKinds.deployment.podOf(object ?? {}).spec, "initContainers")[0] ?? {};
}

it("an archive is unpacked where the target says so, and what ran before comes back as it was", async () => {
  await kubernetes.start(packed(), release);
  expect(await settledIn(kubernetes, ofPacked())).toMatchObject({ kind: "serving" });
  const { revision: previous = "" } = await kubernetes.describeRunning(unpacking);
  await kubernetes.start(order("candidate", unpacking), update);
  const next = { ...deployment("candidate", unpacking, update), previous };
  expect(await settledIn(kubernetes, next)).toMatchObject({ kind: "serving" });
  expect(JSON.stringify(await fetcher())).not.toMatch(/tar|UNPACK/);
  await kubernetes.rollBack(next);
  expect(await settledIn(kubernetes, next)).toMatchObject({ kind: "returned" });
  expect(JSON.stringify(await fetcher())).toContain("tar -x");
  expect(await kubernetes.check(ofPacked())).toMatchObject({ kind: "serving" });
});

it("an archive lies there as it is where the target says nothing", async () => {
  await kubernetes.start(packed(target), release);
  expect(JSON.stringify(await fetcher())).not.toMatch(/tar -x|UNPACK/);
});

it.each([
  ["it is said to be no archive", { env: [{ name: "MODEL_UNPACK", value: "" }] }],
  ["it is unpacked otherwise", { command: ["sh", "-ec", "tar -x -z -f /tmp/other.tar.gz"] }],
])("somebody changed what was approved where %s", async (_, change) => {
  await kubernetes.start(packed(), release);
  await settledIn(kubernetes, ofPacked());
  const initContainers = [{ name: "countersign-model", ...change }];
  const metadata = { name: "credit-scoring", namespace: "models" };
  const spec = { template: { spec: { initContainers } } };
  cluster.kubernetes.apply(
    JSON.stringify({ apiVersion: "apps/v1", kind: "Deployment", metadata, spec }),
    "kubectl-edit",
  );
  expect(await kubernetes.check(ofPacked())).toMatchObject({
    kind: "unhealthy",
    why: "The Deployment 'models/credit-scoring' is not what was approved any more: somebody changed it.",
  });
});
