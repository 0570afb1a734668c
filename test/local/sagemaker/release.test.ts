import { writeFileSync } from "node:fs";
import type { UpdateEndpointCommandInput } from "@aws-sdk/client-sagemaker";
import { describe, expect, it, vi } from "vitest";
import { gated, localSageMaker, modelAt } from "./setup.ts";

const local = localSageMaker("in-process");
type Deployment = NonNullable<UpdateEndpointCommandInput["DeploymentConfig"]>;
type Routing = NonNullable<Deployment["BlueGreenUpdatePolicy"]>["TrafficRoutingConfiguration"];

const canary = {
  Type: "CANARY",
  CanarySize: { Type: "CAPACITY_PERCENT", Value: 25 },
  WaitIntervalInSeconds: 300,
} as const satisfies Routing;
const deployment = (routing: Routing = canary, over: Partial<Deployment> = {}): Deployment => ({
  BlueGreenUpdatePolicy: {
    TrafficRoutingConfiguration: routing,
    TerminationWaitInSeconds: 120,
    MaximumExecutionTimeoutInSeconds: 3600,
  },
  AutoRollbackConfiguration: { Alarms: [{ AlarmName: "errors" }] },
  ...over,
});

/** Two configurations, `old` and `new`, of a program that answers with its name; the old one serves. */
async function serving(status = "200", variant = "AllTraffic"): Promise<void> {
  const gate = local.path("open");
  writeFileSync(gate, "");
  const program = (NAME: string, STATUS: string) => ({
    ...modelAt("champion/model.json", gated),
    Environment: { NAME, STATUS, GATE: gate },
  });
  await local.configure("old", program("old", "200"));
  await local.configure("new", program("new", status), variant);
  await local.create("old");
  await local.settled("InService");
  await local.alarm("errors", "new");
}

async function answers(count: number): Promise<readonly string[]> {
  const names: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const response = await local.invoke("{}");
    names.push(response.ok ? await response.text() : String(response.status));
  }
  return names;
}

const share = async (count: number) => (await answers(count)).filter((name) => name !== "old").length;
const baking = (percent: number) =>
  vi.waitFor(
    async () => {
      const [variant] = (await local.endpoint()).PendingDeploymentSummary?.ProductionVariants ?? [];
      expect(variant?.VariantStatus).toEqual([
        { Status: "Baking", StatusMessage: `${percent} percent of the fleet receive traffic.` },
      ]);
    },
    { timeout: 15_000, interval: 20 },
  );

describe("an update by canary", () => {
  it("sends the new model its part, then all, and is over after both waits", async () => {
    await serving();
    await local.update("new", deployment());
    await baking(25);
    expect(await share(8)).toBe(2);
    local.clock().advance(299_999);
    expect(await share(8)).toBe(2);
    local.clock().advance(1);
    await baking(100);
    expect(await share(4)).toBe(4);
    expect(await local.endpoint()).toMatchObject({ EndpointStatus: "Updating", EndpointConfigName: "old" });
    local.clock().advance(120_000);
    await local.settled("InService");
    expect(await local.endpoint()).toMatchObject({ EndpointConfigName: "new", LastDeploymentConfig: deployment() });
    expect(await answers(1)).toEqual(["new"]);
  });

  it("goes back to the old model as soon as an alarm over the new one is raised, and says which", async () => {
    await serving("500");
    await local.update("new", deployment());
    await baking(25);
    expect(await answers(4)).toEqual(["old", "old", "old", "424"]);
    await local.settled("InService");
    expect(await local.endpoint()).toMatchObject({
      EndpointConfigName: "old",
      FailureReason: "One or more configured alarm(s) for the deployment did not stay in OK state: errors.",
    });
    expect((await local.endpoint()).PendingDeploymentSummary).toBeUndefined();
    expect(await share(8)).toBe(0);
  });

  it("goes back in the last wait too, when all traffic is over", async () => {
    await serving("500");
    await local.update("new", deployment({ ...canary, WaitIntervalInSeconds: 0 }));
    await baking(100);
    expect(await answers(1)).toEqual(["424"]);
    await local.settled("InService");
    expect(await answers(1)).toEqual(["old"]);
  });

  it("does not begin while an alarm is raised", async () => {
    await serving("500");
    await local.update("new", deployment());
    await baking(25);
    await answers(4);
    await local.settled("InService");
    await local.update("new", deployment());
    await local.settled("InService");
    expect(await share(8)).toBe(0);
  });

  it("is given up when it takes longer than it may", async () => {
    await serving();
    const slow = deployment({ ...canary, WaitIntervalInSeconds: 3600 });
    await local.update("new", {
      ...slow,
      BlueGreenUpdatePolicy: {
        TrafficRoutingConfiguration: { ...canary, WaitIntervalInSeconds: 3600 },
        MaximumExecutionTimeoutInSeconds: 600,
      },
    });
    await baking(25);
    local.clock().advance(600_000);
    await local.settled("InService");
    expect((await local.endpoint()).FailureReason).toContain("maximum execution time");
    expect(await answers(1)).toEqual(["old"]);
  });

  it("begins again after a restart that cut it in two", async () => {
    await serving();
    await local.update("new", deployment());
    await baking(25);
    await local.restart();
    await baking(25);
    local.clock().advance(300_000);
    await baking(100);
    local.clock().advance(120_000);
    await local.settled("InService");
    expect(await answers(1)).toEqual(["new"]);
  });
});

it("an update in linear steps takes each of them", async () => {
  await serving();
  const steps = { Type: "LINEAR", LinearStepSize: { Type: "CAPACITY_PERCENT", Value: 40 }, WaitIntervalInSeconds: 60 };
  await local.update("new", deployment(steps as Routing));
  for (const percent of [40, 80]) {
    await baking(percent);
    expect(await share(10)).toBe(percent / 10);
    local.clock().advance(60_000);
  }
  await baking(100);
  local.clock().advance(120_000);
  await local.settled("InService");
});

it("an update to a variant of another name moves all traffic at once without a word, as SageMaker does", async () => {
  await serving("500", "Another");
  await local.update("new", deployment());
  await local.settled("InService");
  expect(await local.endpoint()).toMatchObject({ EndpointConfigName: "new" });
});

describe("what is not carried is refused", () => {
  const policy = (over: Record<string, unknown>): Deployment =>
    ({ BlueGreenUpdatePolicy: { TrafficRoutingConfiguration: canary, ...over } }) as unknown as Deployment;
  it.each<[string, Deployment, RegExp]>([
    [
      "a canary by count",
      deployment({ ...canary, CanarySize: { Type: "INSTANCE_COUNT", Value: 1 } }),
      /CAPACITY_PERCENT/,
    ],
    ["more than half", deployment({ ...canary, CanarySize: { Type: "CAPACITY_PERCENT", Value: 51 } }), /50/],
    ["a wait of over an hour", deployment({ ...canary, WaitIntervalInSeconds: 3601 }), /3600/],
    ["less time than ten minutes", policy({ MaximumExecutionTimeoutInSeconds: 599 }), /600/],
    [
      "a rolling update",
      { RollingUpdatePolicy: { MaximumBatchSize: { Type: "CAPACITY_PERCENT", Value: 10 }, WaitIntervalInSeconds: 1 } },
      /RollingUpdatePolicy of DeploymentConfig is not carried/,
    ],
    [
      "an alarm that is not there",
      { AutoRollbackConfiguration: { Alarms: [{ AlarmName: "gone" }] } },
      /Could not find the alarm "gone"/,
    ],
  ])("%s", async (_, given, reason) => {
    await serving();
    await expect(local.update("new", given)).rejects.toThrow(reason);
    expect((await local.endpoint()).EndpointStatus).toBe("InService");
  });
});
