import { beforeEach, describe, expect, it } from "vitest";
import type { Cluster, KubernetesObject } from "../../../adapters/kubernetes/cluster.ts";
import { kubernetesTarget } from "../../../adapters/kubernetes/deployment-target.ts";
import { memberOf, workloadKinds } from "../../../adapters/kubernetes/workload-kinds.ts";
import { localCluster } from "../../local/kubernetes/setup.ts";
import { deployment, order, release, target, update } from "./releases.ts";

const cluster = localCluster();
const { resource } = workloadKinds.deployment;

beforeEach(() => cluster.kubernetes.remove(resource, "models", "credit-scoring"));

/** Goes back from a first release, and lets something happen each time after the workload was read, `times` at most. */
async function goneBack(
  meanwhile: (deployer: Cluster, read: KubernetesObject) => Promise<unknown>,
  times = 1,
): Promise<void> {
  const deployer = await cluster.as();
  let left = times;
  const get: Cluster["get"] = async (...given) => {
    const read = await deployer.get(...given);
    left -= 1;
    if (read !== undefined && left >= 0) await meanwhile(deployer, read);
    return read;
  };
  await kubernetesTarget(async () => ({ ...deployer, get })).rollBack(deployment("champion"));
}

const live = () => cluster.kubernetes.read("apps/v1", "Deployment", "models", "credit-scoring");

/** As its controller does, or somebody who scales it: what runs is the same. */
async function reported(): Promise<void> {
  const replicas = Number(memberOf(live() ?? {}, "spec")["replicas"] ?? 1) + 1;
  const metadata = { name: "credit-scoring", namespace: "models" };
  cluster.kubernetes.apply(
    JSON.stringify({ apiVersion: "apps/v1", kind: "Deployment", metadata, spec: { replicas } }),
    "autoscaler",
  );
}

describe("what was made for a first release, and is taken away again", () => {
  beforeEach(async () => {
    const deployer = kubernetesTarget(() => cluster.as());
    await deployer.start(order("champion"), release);
  });

  it("is not what somebody else released there since it was read: that stays", async () => {
    const other = kubernetesTarget(() => cluster.as());
    await goneBack(() => other.start(order("candidate"), update));
    expect((await other.describeRunning(target)).promotion).toBe(order("candidate").promotion);
  });

  it("is not what somebody made anew under its name: that stays as well", async () => {
    const other = kubernetesTarget(() => cluster.as());
    await goneBack(async (deployer, read) => {
      // Its controller may report on it in between.
      let latest = read;
      while ((await deployer.remove(resource, "models", latest)) === "changed")
        latest = (await deployer.get(resource, "models", "credit-scoring")) ?? expect.unreachable();
      expect(live()).toBeUndefined();
      await other.start(order("candidate"), update);
    });
    expect((await other.describeRunning(target)).promotion).toBe(order("candidate").promotion);
  });

  it("is removed though its controller reported on it meanwhile, or somebody removed it first", async () => {
    await goneBack(reported);
    expect(live()).toBeUndefined();
    await goneBack((deployer, read) => deployer.remove(resource, "models", read));
    expect(live()).toBeUndefined();
  });

  it("is tried again later where it does not come to rest", async () => {
    await expect(goneBack(reported, 9)).rejects.toMatchObject({
      code: "unavailable",
      message: "The Deployment 'models/credit-scoring' is being changed at the moment.",
    });
    expect(live()).toBeDefined();
  });
});
