import { expect, vi } from "vitest";
import { cloudWatchAlarms } from "../../../adapters/cloudwatch/alarms.ts";
import { sagemakerTarget } from "../../../adapters/sagemaker/endpoint.ts";
import { sagemakerStaging } from "../../../adapters/sagemaker/staged.ts";
import type { Deployment, Progress } from "../../../core/deployment/deployment-target.ts";
import type { Order } from "../../../core/deployment/order.ts";
import { releaseFor } from "../../../core/deployment/release.ts";
import type { InstancesTarget, Target } from "../../../core/promotion/target.ts";
import type { Release } from "../../../core/promotion/traffic.ts";
import { hosting, localSageMaker, scorer } from "../../local/sagemaker/setup.ts";
import { approved, before, id, orderOf } from "./orders.ts";

// An endpoint of the stand-in for SageMaker on which a champion serves, and a candidate that is approved to take its place.

export const plain: InstancesTarget = {
  name: "production",
  kind: "sagemaker-endpoint",
  endpoint: "credit-scoring",
  instanceType: "ml.m5.large",
  instanceCount: 2,
};
export const careful: InstancesTarget = {
  ...plain,
  traffic: { kind: "canary", percent: 50, waitSeconds: 300 },
  alarms: { kind: "own", errorPercent: 5, p95Milliseconds: 60_000 },
};
export const alarmNames = [`countersign-${id}-errors`, `countersign-${id}-latency`];
export const atOnce: Release = { kind: "update", traffic: { kind: "all-at-once", waitSeconds: 0 } };
export const first: Release = { ...atOnce, kind: "first" };

export const order = (promotion = id, target: Target = careful, image = scorer): Order =>
  orderOf(promotion, target, image);
export const deployment = (release: Release, over: Partial<Deployment> = {}): Deployment => ({
  ...order(),
  release,
  previous: before,
  ...over,
});
export const update = releaseFor(careful, "something");

/** To be opened once in a file of tests, outside of them. */
export function endpointScene() {
  const local = localSageMaker("in-process");
  const target = () => sagemakerTarget(local.client(), cloudWatchAlarms(local.alarms()), hosting);
  const staging = () => sagemakerStaging(local.client(), hosting);
  const check = (given: Deployment) => target().check(given);
  const until = (given: Deployment, kind: Progress["kind"]) =>
    vi.waitFor(
      async () => {
        const progress = await check(given);
        expect(progress.kind).toBe(kind);
        return progress;
      },
      { timeout: 15_000, interval: 20 },
    );

  /** Until the update waits for something. */
  const baking = () => vi.waitFor(() => expect(local.clock().alarms().length).toBeGreaterThan(0), { timeout: 15_000 });

  /** The champion serves. */
  async function serving(): Promise<void> {
    await staging().stage(order(before, plain));
    await target().start(approved(order(before, plain)), first);
    await local.settled("InService");
  }
  /** The candidate is staged beside it, with an image of its own. */
  async function staged(image = scorer, of = careful): Promise<Order> {
    await serving();
    const given = order(id, of, image);
    await staging().stage(given);
    return given;
  }
  return { local, target, staging, check, until, baking, serving, staged };
}
