import {
  ConflictException,
  CreateModelPackageCommand,
  DescribeModelPackageCommand,
  UpdateModelPackageCommand,
} from "@aws-sdk/client-sagemaker";
import { describe, expect, it } from "vitest";
import { modelPackages } from "../../../adapters/sagemaker/model-package.ts";
import { registered, registeredStaging } from "../../../adapters/sagemaker/registered.ts";
import type { Deployment } from "../../../core/deployment/deployment-target.ts";
import type { ApprovedOrder } from "../../../core/deployment/order.ts";
import { releaseFor } from "../../../core/deployment/release.ts";
import { requireKind } from "../../../core/deployment/target-kind.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import { digestOf, id, manifest } from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { MemoryTarget } from "../../functions/memory-target.ts";
import { localSageMaker } from "../../local/sagemaker/setup.ts";

const local = localSageMaker("in-process");
const group = "arn:aws:sagemaker:us-east-1:000000000000:model-package/credit-scoring";
const production = requireKind(manifest.target, "sagemaker-endpoint");
const model = { uri: "s3://a/b", versionId: "v1", sha256: digestOf("model") };
const verdict = digestOf("verdict");
const other = promotionId(digestOf("other"), 1);
const somebodyElse = "Somebody else than Countersign set the model to";

/** A version that its pipeline registered, and a candidate of it; the version as it stands then. */
async function scene(over: { readonly version?: string; readonly sha256?: string } = {}) {
  await local.send(
    new CreateModelPackageCommand({
      ModelPackageGroupName: "credit-scoring",
      CustomerMetadataProperties: { "countersign-model-sha256": over.sha256 ?? model.sha256, team: "risk" },
    }),
  );
  const target = { ...production, registry: `${group}/${over.version ?? "1"}` };
  const memory = new MemoryTarget();
  const packages = modelPackages(local.client());
  const deploys = registered(memory, packages);
  const release = releaseFor(target, "something");
  const order = { promotion: id, target, image: "image", model, verdict } as ApprovedOrder;
  const deployment: Deployment = { promotion: id, target, image: "image", model, release, previous: "p-before" };
  return {
    memory,
    deploys,
    deployment,
    order,
    target,
    packages,
    start: () => deploys.start(order, release),
    preflight: () => registeredStaging(memory, packages).preflight(order, () => release),
    /** As anybody may who has the right. */
    byHand: (status: "Approved" | "Rejected") =>
      local.send(new UpdateModelPackageCommand({ ModelPackageArn: `${group}/1`, ModelApprovalStatus: status })),
    async stands() {
      const found = await local.send(new DescribeModelPackageCommand({ ModelPackageName: `${group}/1` }));
      return { status: found.ModelApprovalStatus, ...found.CustomerMetadataProperties };
    },
  };
}

const registeredBy = { "countersign-model-sha256": model.sha256, team: "risk" };

describe("a candidate that is a version in the Model Registry", () => {
  it("is approved as its deployment begins, with its verdict's digest, and again where that is repeated", async () => {
    const { start, stands, memory } = await scene();
    await start();
    await start();
    expect(await stands()).toEqual({
      ...registeredBy,
      status: "Approved",
      "countersign-status": "Approved",
      "countersign-promotion": id,
      "countersign-verdict": verdict,
    });
    expect(memory.started).toHaveLength(1);
    const updates = local.calls.filter(({ action }) => action === "sagemaker:UpdateModelPackage");
    expect(updates.map(({ context }) => context["sagemaker:ModelApprovalStatus"])).toEqual(["Approved", "Approved"]);
  });

  it("is approved at the next attempt where somebody changes it at the same moment, and nothing is begun before", async () => {
    const { start, stands, memory } = await scene();
    let conflicts = 1;
    local.client().middlewareStack.add(
      (next, { commandName }) =>
        (args) => {
          if (commandName === "UpdateModelPackageCommand" && conflicts-- > 0)
            throw new ConflictException({ message: "There was a conflict.", $metadata: { httpStatusCode: 400 } });
          return next(args);
        },
      { step: "initialize" },
    );
    expect(await refused(start())).toEqual({
      code: "unavailable",
      sentence: "The version in the Model Registry is being changed at the moment.",
    });
    expect(memory.started).toEqual([]);
    await start();
    expect(await stands()).toMatchObject({ status: "Approved", "countersign-promotion": id });
  });

  it("is rejected when its promotion ends otherwise, whether it was approved before or not", async () => {
    const { deploys, start, stands, target } = await scene();
    await deploys.cleanUp(id, target);
    const rejected = {
      ...registeredBy,
      status: "Rejected",
      "countersign-status": "Rejected",
      "countersign-promotion": id,
    };
    expect(await stands()).toEqual(rejected);
    await start();
    await deploys.cleanUp(id, target);
    expect(await stands()).toEqual(rejected);
  });

  it("stays approved where a later promotion approved it", async () => {
    const { deploys, start, stands, target } = await scene();
    await start();
    await deploys.cleanUp(other, target);
    expect(await stands()).toMatchObject({ status: "Approved", "countersign-promotion": id });
  });

  it("is pending again once it is taken back, or restricted, and then only by its own promotion", async () => {
    const { deploys, start, stands, deployment, target } = await scene();
    await start();
    await deploys.suspend?.(other, target);
    expect(await stands()).toMatchObject({ status: "Approved" });
    const takenBack = [() => deploys.suspend?.(id, target), () => deploys.rollBack(deployment)];
    for (const takeBack of takenBack) {
      await start();
      await takeBack();
      expect(await stands()).toMatchObject({
        status: "PendingManualApproval",
        "countersign-status": "PendingManualApproval",
      });
      expect(await stands()).not.toHaveProperty("countersign-verdict");
    }
  });

  it.each<[string, Parameters<typeof scene>[0], string]>([
    [
      "is of another version than a number",
      { version: "1.4.0" },
      "The model's version is not a number, as versions in the Model Registry are.",
    ],
    ["is not there", { version: "9" }, "The Model Registry has no such version of the model."],
    [
      "is registered for other bytes",
      { sha256: digestOf("others") },
      `The version in the Model Registry is not said to be this model: its property 'countersign-model-sha256' is ${digestOf("others")}.`,
    ],
  ])("that %s shows before people are asked", async (_, over, why) => {
    const { preflight, start, memory } = await scene(over);
    expect(await preflight()).toEqual({ kind: "impossible", why });
    expect(await refused(start())).toEqual({ code: "deployment-refused", sentence: why });
    expect(memory.started).toEqual([]);
  });

  it.each(["Approved", "Rejected"] as const)("is not deployed where somebody else %s it", async (status) => {
    const { preflight, start, byHand, memory } = await scene();
    await byHand(status);
    expect(await preflight()).toEqual({ kind: "impossible", why: `${somebodyElse} ${status} in the Model Registry.` });
    expect((await refused(start())).code).toBe("deployment-refused");
    expect(memory.started).toEqual([]);
  });

  it("is taken back where somebody else rejects it while it is watched", async () => {
    const { deploys, start, byHand, deployment, memory } = await scene();
    await start();
    memory.progress = { kind: "serving", why: "It serves." };
    expect(await deploys.check(deployment)).toMatchObject({ kind: "serving" });
    await byHand("Rejected");
    expect(await deploys.check(deployment)).toMatchObject({
      kind: "unhealthy",
      why: `${somebodyElse} Rejected in the Model Registry.`,
    });
  });

  it("still is what was approved where we took that back ourselves, or rejected what asked to approve it again", async () => {
    const { deploys, start, byHand, deployment, memory, target } = await scene();
    await start();
    memory.progress = { kind: "serving", why: "It serves." };
    await deploys.suspend?.(id, target);
    expect(await deploys.check(deployment)).toMatchObject({ kind: "serving" });
    await deploys.cleanUp(other, target);
    expect(await deploys.check(deployment)).toMatchObject({ kind: "serving" });
    await byHand("Approved");
    expect(await deploys.check(deployment)).toMatchObject({ why: `${somebodyElse} Approved in the Model Registry.` });
  });

  it("is put back without an approval where it is restricted", async () => {
    const { deploys, start, order, stands, memory, target } = await scene();
    await start();
    await deploys.suspend?.(id, target);
    local.calls.length = 0;
    memory.running = { revision: "p-before" };
    await deploys.start({ ...order, restricted: true }, releaseFor(target, "something"));
    expect(await stands()).toMatchObject({ status: "PendingManualApproval" });
    expect(memory.started).toHaveLength(2);
    expect(local.calls.filter(({ action }) => action === "sagemaker:UpdateModelPackage")).toEqual([]);
  });

  it("may be approved again after one of our own rejections", async () => {
    const { deploys, preflight, stands, start, target } = await scene();
    await deploys.cleanUp(other, target);
    expect(await preflight()).toMatchObject({ kind: "possible" });
    await start();
    expect(await stands()).toMatchObject({ status: "Approved", "countersign-promotion": id });
  });

  it("is nobody's business where the target names no registry", async () => {
    const { deploys, memory } = await scene();
    local.calls.length = 0;
    await deploys.start(
      { promotion: id, target: production, image: "image", model, verdict } as ApprovedOrder,
      releaseFor(production, "something"),
    );
    await deploys.cleanUp(id, production);
    expect(memory.started).toHaveLength(1);
    expect(local.calls).toEqual([]);
  });
});
