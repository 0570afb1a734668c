import { beforeEach, describe, expect, it } from "vitest";
import type { Cluster, KubernetesObject } from "../../../adapters/kubernetes/cluster.ts";
import { kubernetesTarget } from "../../../adapters/kubernetes/deployment-target.ts";
import { memberOf, workloadKinds } from "../../../adapters/kubernetes/workload-kinds.ts";
import type { DeploymentTarget } from "../../../core/deployment/deployment-target.ts";
import { instantFromMs } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import { localCluster, scorerImage } from "../../local/kubernetes/setup.ts";
import { order, release, target, update } from "./releases.ts";

const cluster = localCluster();
const { resource } = workloadKinds.deployment;
const kubernetes: DeploymentTarget = kubernetesTarget(() => cluster.as());

beforeEach(() => cluster.kubernetes.remove(resource, "models", "credit-scoring"));

const live = () => cluster.kubernetes.read("apps/v1", "Deployment", "models", "credit-scoring");

/** A workload of somebody else that finds its pods as one of ours would, so that no field of ours is at odds with it. */
function byOthers(containers: readonly object[]): void {
  const labels = { "app.kubernetes.io/name": "credit-scoring" };
  const template = { metadata: { labels }, spec: { containers } };
  const metadata = { name: "credit-scoring", namespace: "models" };
  const spec = { selector: { matchLabels: labels }, template };
  cluster.kubernetes.apply(JSON.stringify({ apiVersion: "apps/v1", kind: "Deployment", metadata, spec }), "helm");
}
const theirs = [{ name: "scorer", image: scorerImage }];

/** A target for which something happens once, after the workload was read. */
function meanwhile(happens: (read: KubernetesObject | undefined) => unknown): DeploymentTarget {
  let left = 1;
  return kubernetesTarget(async () => {
    const deployer = await cluster.as();
    const get: Cluster["get"] = async (...given) => {
      const read = await deployer.get(...given);
      left -= 1;
      if (left === 0) await happens(read);
      return read;
    };
    return { ...deployer, get };
  });
}

/** Without what the server itself writes as it reports on pods. */
const asked = () => ({ spec: live()?.["spec"], labels: memberOf(live() ?? {}, "metadata")["labels"] });

describe("a first release, where somebody made a workload of that name", () => {
  const refused = {
    code: "deployment-refused",
    message:
      "Somebody else made the Deployment 'models/credit-scoring', which was not there when the release began: it is not replaced. Look at what it serves, and submit the candidate again.",
  };

  it("after the release was written down changes nothing of it", async () => {
    byOthers(theirs);
    const before = asked();
    await expect(kubernetes.start(order("champion"), release)).rejects.toMatchObject(refused);
    expect(asked()).toEqual(before);
  });

  it.each([
    ["with our image", theirs],
    ["with another image", [{ name: "scorer", image: "legacy.example/scorer:1" }]],
    ["with other containers", [{ name: "proxy", image: "legacy.example/proxy:1" }]],
  ])("%s in the moment between looking and making it changes nothing either", async (_, containers) => {
    const late = meanwhile(() => byOthers(containers));
    const before = { spec: expect.objectContaining({ template: expect.objectContaining({ spec: { containers } }) }) };
    await expect(late.start(order("champion"), release)).rejects.toMatchObject({
      code: "unavailable",
      message: "Somebody else makes the Deployment 'models/credit-scoring' at this moment.",
    });
    expect(asked()).toMatchObject(before);
    await expect(late.start(order("champion"), release)).rejects.toMatchObject({ code: "deployment-refused" });
    expect(asked()).toMatchObject(before);
  });

  it("as another run of the same step goes on where that one is", async () => {
    const late = meanwhile(() => kubernetes.start(order("champion"), release));
    await expect(late.start(order("champion"), release)).rejects.toMatchObject({ code: "unavailable" });
    await late.start(order("champion"), release);
    expect((await kubernetes.describeRunning(target)).promotion).toBe(order("champion").promotion);
  });

  it("takes its place where what was approved is put back", async () => {
    byOthers(theirs);
    const back = { ...order("champion"), putBackSince: instantFromMs(0) };
    await kubernetes.start(back, release);
    expect((await kubernetes.describeRunning(target)).promotion).toBe(order("champion").promotion);
  });

  it("is made by a server that compares the version of what is not there, too", async () => {
    const strict = kubernetesTarget(async () => {
      const deployer = await cluster.as();
      const apply: Cluster["apply"] = (kind, namespace, document, force, manager) => {
        if (memberOf(document, "metadata")["resourceVersion"] !== undefined)
          throw new Failure("conflict", "The object was changed since it was read.");
        return deployer.apply(kind, namespace, document, force, manager);
      };
      return { ...deployer, apply };
    });
    await strict.start(order("champion"), release);
    expect((await kubernetes.describeRunning(target)).promotion).toBe(order("champion").promotion);
  });
});

it("an update of what somebody removed since it was read makes nothing out of its own fields alone", async () => {
  byOthers([...theirs, { name: "proxy", image: "legacy.example/proxy:1" }]);
  const late = meanwhile(() => cluster.kubernetes.remove(resource, "models", "credit-scoring"));
  await expect(late.start(order("champion"), update)).rejects.toMatchObject({
    code: "unavailable",
    message: "The Deployment 'models/credit-scoring' is being changed at the moment.",
  });
  expect(live()).toBeUndefined();
});
