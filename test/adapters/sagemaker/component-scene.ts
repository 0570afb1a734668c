import { DescribeInferenceComponentCommand, UpdateInferenceComponentCommand } from "@aws-sdk/client-sagemaker";
import { beforeEach, expect, vi } from "vitest";
import { cloudWatchAlarms } from "../../../adapters/cloudwatch/alarms.ts";
import { componentTarget } from "../../../adapters/sagemaker/component.ts";
import { componentStaging } from "../../../adapters/sagemaker/component-staged.ts";
import type { Deployment, Progress } from "../../../core/deployment/deployment-target.ts";
import type { Order } from "../../../core/deployment/order.ts";
import { releaseFor } from "../../../core/deployment/release.ts";
import type { ComponentTarget } from "../../../core/promotion/target.ts";
import { hosting, localSageMaker, scorer } from "../../local/sagemaker/setup.ts";
import { approved, before, id, orderOf } from "./orders.ts";

// An endpoint of the stand-in for SageMaker that serves no model of its own, and the inference component on it.

export const target: ComponentTarget = {
  name: "shared",
  kind: "sagemaker-inference-component",
  endpoint: "scoring",
  host: "credit-scoring",
  copies: 4,
  resources: { memoryMegabytes: 2048, cpuCores: 0.5 },
  traffic: { kind: "rolling", copies: 2, of: 4, waitSeconds: 300 },
  alarms: { kind: "own", errorPercent: 5 },
};
export const atOnce: ComponentTarget = {
  ...target,
  traffic: { kind: "all-at-once", waitSeconds: 0 },
  watchSeconds: 3600,
};
export const alarmName = `countersign-${id}-errors`;
export const update = releaseFor(target, "something");
export const first = releaseFor(target, "nothing");

export const order = (promotion = id, image = scorer, of = target): Order => orderOf(promotion, of, image);
export const deployment = (previous: string | undefined, over: Partial<Deployment> = {}): Deployment => ({
  ...order(),
  release: update,
  ...(previous === undefined ? {} : { previous }),
  ...over,
});

/** To be opened once in a file of tests, outside of them: before each of these the endpoint is made. */
export function componentScene() {
  const local = localSageMaker("in-process");
  const component = () => componentTarget(local.client(), cloudWatchAlarms(local.alarms()), hosting);
  const staging = () => componentStaging(local.client(), hosting);
  const described = () => local.send(new DescribeInferenceComponentCommand({ InferenceComponentName: "scoring" }));
  const settled = () =>
    vi.waitFor(async () => expect((await described()).InferenceComponentStatus).toBe("InService"), {
      timeout: 15_000,
      interval: 20,
    });
  const baking = () => vi.waitFor(() => expect(local.clock().alarms().length).toBeGreaterThan(0), { timeout: 15_000 });
  const until = (given: Deployment, kind: Progress["kind"]) =>
    vi.waitFor(
      async () => {
        const progress = await component().check(given);
        expect(progress.kind).toBe(kind);
        return progress;
      },
      { timeout: 15_000, interval: 20 },
    );
  const ask = (given = order()) =>
    component().preflight(given, ({ revision }) =>
      releaseFor(given.target, revision === undefined ? "nothing" : "something"),
    );

  /** The champion serves. @returns the revision to go back to */
  async function serving(of = target): Promise<string> {
    await staging().stage(order(before, scorer, of));
    await component().start(approved(order(before, scorer, of)), releaseFor(of, "nothing"));
    await settled();
    return (await component().describeRunning(of)).revision ?? expect.unreachable();
  }

  /** And the candidate is on its way. */
  async function updating(image = scorer, of = target): Promise<Deployment> {
    const previous = await serving(of);
    const given = order(id, image, of);
    await staging().stage(given);
    const release = releaseFor(of, "something");
    await component().start(approved(given), release);
    return { ...given, release, previous };
  }

  /** What somebody else does to it. */
  async function change(Specification: {
    ModelName: string;
    ComputeResourceRequirements: { MinMemoryRequiredInMb: number };
  }) {
    await local.send(new UpdateInferenceComponentCommand({ InferenceComponentName: "scoring", Specification }));
    await settled();
  }

  beforeEach(async () => {
    await local.hostConfig("instances");
    await local.create("instances");
    await local.settled("InService");
  });

  return { local, component, staging, described, settled, baking, until, ask, serving, updating, change };
}
