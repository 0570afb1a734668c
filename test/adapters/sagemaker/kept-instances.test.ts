import { describe, expect, it, vi } from "vitest";
import { cloudWatchAlarms } from "../../../adapters/cloudwatch/alarms.ts";
import { sagemakerTarget } from "../../../adapters/sagemaker/endpoint.ts";
import { sagemakerStaging } from "../../../adapters/sagemaker/staged.ts";
import type { Deployment } from "../../../core/deployment/deployment-target.ts";
import type { ApprovedOrder, Order } from "../../../core/deployment/order.ts";
import type { SageMakerTarget } from "../../../core/promotion/target.ts";
import type { Release, Traffic } from "../../../core/promotion/traffic.ts";
import { refused } from "../../core/refusal.ts";
import { hosting, localSageMaker } from "../../local/sagemaker/setup.ts";
import { approved, before, id, orderOf } from "./orders.ts";

const local = localSageMaker("in-process");

const onFour: SageMakerTarget = {
  name: "production",
  kind: "sagemaker-endpoint",
  endpoint: "credit-scoring",
  instanceType: "ml.m5.large",
  instanceCount: 4,
};
const released = (traffic: Traffic): Release => ({ kind: "update", traffic });
const atOnce = released({ kind: "all-at-once", waitSeconds: 0 });

const order = (promotion = id, target: SageMakerTarget = onFour): Order => orderOf(promotion, target);
const deployment = (target = onFour): Deployment => ({ ...order(id, target), release: atOnce, previous: before });
const target = () => sagemakerTarget(local.client(), cloudWatchAlarms(local.alarms()), hosting);
const staging = () => sagemakerStaging(local.client(), hosting);
const instances = async () => (await local.endpoint()).ProductionVariants?.[0]?.CurrentInstanceCount;
const baking = () => vi.waitFor(() => expect(local.clock().alarms().length).toBeGreaterThan(0), { timeout: 15_000 });

/** What runs before serves on four instances, and the candidate is staged for as many as its target says. */
async function staged(of: SageMakerTarget = onFour): Promise<void> {
  await staging().stage(order(before));
  await target().start(approved(order(before)), { ...atOnce, kind: "first" });
  await local.settled("InService");
  await staging().stage(order(id, of));
}

async function release(of = onFour, how = atOnce, over: Partial<ApprovedOrder> = {}): Promise<void> {
  await target().start(approved(order(id, of), over), how);
  await local.settled("InService");
  expect((await local.endpoint()).EndpointConfigName).toBe(id);
}

describe("the instances of an endpoint that somebody, or a scaling policy, gave more", () => {
  it("stay as many through a release, and on the way back", async () => {
    await staged();
    await local.scale("approved", 12);
    await release();
    expect(await instances()).toBe(12);
    await target().rollBack(deployment());
    await local.settled("InService");
    expect(await local.endpoint()).toMatchObject({
      EndpointConfigName: before,
      ProductionVariants: [{ CurrentInstanceCount: 12, CurrentWeight: 1 }],
    });
  });

  it("become those of the target where it says more, or where nobody had made them more than was approved before", async () => {
    const onSixteen = { ...onFour, instanceCount: 16 };
    await staged(onSixteen);
    await local.scale("approved", 12);
    await release(onSixteen);
    expect(await instances()).toBe(16);
    await target().rollBack(deployment(onSixteen));
    await local.settled("InService");
    expect(await instances()).toBe(4);
  });

  it("become those of the target where a policy had taken some away", async () => {
    await staged();
    await local.scale("approved", 1);
    await release();
    expect(await instances()).toBe(4);
  });

  it("stay as many where the candidate answered a part of the requests first", async () => {
    await staged();
    await local.scale("approved", 12);
    const weights = released({ kind: "weights", steps: [{ percent: 10, waitSeconds: 60 }] });
    await target().start(approved(order()), weights);
    await local.settled("InService");
    await target().shift?.({ ...deployment(), release: weights }, "all");
    await local.settled("InService");
    expect([(await local.endpoint()).EndpointConfigName, await instances()]).toEqual([id, 12]);
  });

  it.each([
    // A tenth of twelve is one, or two: it is one of twelve that is asked for.
    ["canary", 10, 12, 8],
    ["canary", 25, 12, 25],
    // Not one whole instance: SageMaker gives one at least, as of the target's own.
    ["canary", 5, 12, 5],
    ["canary", 10, 4, 10],
  ] as const)("a %s of %i percent with %i instances begins with %i", async (kind, percent, count, asked) => {
    await staged();
    if (count !== 4) await local.scale("approved", count);
    await target().start(approved(order()), released({ kind, percent, waitSeconds: 300 }));
    await baking();
    local.clock().advance(300_000);
    await baking();
    local.clock().advance(300_000);
    await local.settled("InService");
    const { BlueGreenUpdatePolicy } = (await local.endpoint()).LastDeploymentConfig ?? {};
    expect(BlueGreenUpdatePolicy?.TrafficRoutingConfiguration?.CanarySize).toEqual({
      Type: "CAPACITY_PERCENT",
      Value: asked,
    });
    expect(await instances()).toBe(count);
  });
});

describe("linear steps that an approval bounds", () => {
  const steps = released({ kind: "linear", percent: 25, waitSeconds: 60 });
  const traffic = { percent: 25, forSeconds: 60 };

  it.each([
    // A quarter of twelve is three.
    [12, 12, { forSeconds: 60, traffic }],
    // Of ten it is two or three, which would be more than was signed: then the target's four begin.
    [10, 4, { forSeconds: 60, traffic }],
    [10, 10, { forSeconds: 60 }],
    [10, 10, undefined],
  ])("of %i instances leave %i", async (count, left, conditions) => {
    await staged();
    await local.scale("approved", count);
    await target().start(approved(order(), conditions === undefined ? {} : { conditions }), steps);
    for (let step = 0; step < 4; step += 1) {
      await baking();
      local.clock().advance(60_000);
    }
    await local.settled("InService");
    expect(await instances()).toBe(left);
  });
});

describe("a variant that is a target of Application Auto Scaling", () => {
  const onOthers: SageMakerTarget = { ...onFour, instanceType: "ml.c5.large" };
  const ask = (of: SageMakerTarget) => target().preflight(order(id, of), () => atOnce);

  it("takes no other type of instances: who looks before anybody signs says so", async () => {
    await staged(onOthers);
    expect(await ask(onOthers)).toMatchObject({
      kind: "possible",
      caution:
        "What serves is on ml.m5.large, and the target on ml.c5.large: while that variant is registered for auto scaling, SageMaker refuses such an update. Deregister it before.",
    });
    expect(await ask(onFour)).not.toHaveProperty("caution");
  });

  it("is refused with a sentence that says what to do, and updated once it is done", async () => {
    await staged(onOthers);
    await local.scaling("RegisterScalableTarget", "approved");
    const { code, sentence } = await refused(target().start(approved(order(id, onOthers)), atOnce));
    expect(code).toBe("deployment-refused");
    expect(sentence).toMatch(
      /^SageMaker does not update the endpoint 'credit-scoring' while its variant is registered for auto scaling\. Deregister it.*must be deregistered as scalable targets/,
    );
    await local.scaling("DeregisterScalableTarget", "approved");
    await release(onOthers);
  });
});
