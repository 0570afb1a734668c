import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  GetMetricStatisticsCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
  ResourceNotFound,
} from "@aws-sdk/client-cloudwatch";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cloudWatchAlarms } from "../../../adapters/cloudwatch/alarms.ts";
import type { AwsCall } from "../../../local/aws/aws-call.ts";
import { type LocalCloudWatch, startCloudWatch } from "../../../local/cloudwatch/cloudwatch.ts";
import { handClock } from "../hand-clock.ts";

const series = {
  namespace: "AWS/SageMaker",
  metric: "Invocation5XXErrors",
  dimensions: { EndpointName: "scoring", VariantName: "approved" },
};
const alarm = {
  AlarmName: "errors",
  ActionsEnabled: false,
  Namespace: series.namespace,
  MetricName: series.metric,
  Statistic: "Average",
  // In another order than they are measured in.
  Dimensions: [
    { Name: "VariantName", Value: "approved" },
    { Name: "EndpointName", Value: "scoring" },
  ],
  Period: 60,
  EvaluationPeriods: 1,
  Threshold: 0.05,
  ComparisonOperator: "GreaterThanThreshold",
  TreatMissingData: "notBreaching",
} as const satisfies PutMetricAlarmCommandInput;

let directory = "";
let service: LocalCloudWatch;
let client: CloudWatchClient;
let clock = handClock();
const calls: AwsCall[] = [];

async function open(): Promise<void> {
  service = await startCloudWatch({ directory, log: { record: (call) => calls.push(call) }, clock });
  client = new CloudWatchClient({
    endpoint: service.url,
    region: "us-east-1",
    credentials: { accessKeyId: "AKIDWATCH", secretAccessKey: "secret" },
    maxAttempts: 1,
  });
}
async function close(): Promise<void> {
  client.destroy();
  await service.close();
}
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "cloudwatch-"));
  calls.length = 0;
  clock = handClock();
  await open();
});
afterEach(async () => {
  await close();
  rmSync(directory, { recursive: true });
});

const put = (over: Partial<PutMetricAlarmCommandInput> = {}) =>
  client.send(new PutMetricAlarmCommand({ ...alarm, ...over }));
const measure = (...values: readonly number[]) => service.record(values.map((value) => ({ ...series, value })));
const state = async () =>
  (await client.send(new DescribeAlarmsCommand({ AlarmNames: ["errors"] }))).MetricAlarms?.[0]?.StateValue;

describe("an alarm", () => {
  it("is raised by what was really measured, and by nothing of other dimensions", async () => {
    await put();
    measure(0, 0);
    service.record([{ ...series, dimensions: { EndpointName: "other", VariantName: "approved" }, value: 1 }]);
    expect(await state()).toBe("OK");
    measure(1);
    expect(await state()).toBe("ALARM");
    const [described] = (await client.send(new DescribeAlarmsCommand({ AlarmNames: ["errors"] }))).MetricAlarms ?? [];
    expect(described?.StateReason).toBe(
      "Threshold Crossed: 1 out of the last 1 datapoints [0.3333] crossed the threshold (GreaterThanThreshold 0.05).",
    );
  });

  it("is over with its period", async () => {
    await put();
    measure(1);
    clock.advance(59_999);
    expect(await state()).toBe("ALARM");
    clock.advance(1);
    expect(await state()).toBe("OK");
  });

  it("of two periods needs both", async () => {
    await put({ EvaluationPeriods: 2 });
    measure(1);
    expect(await state()).toBe("OK");
    clock.advance(60_000);
    measure(1);
    expect(await state()).toBe("ALARM");
  });

  it.each([
    ["notBreaching", "OK"],
    ["breaching", "ALARM"],
    ["missing", "INSUFFICIENT_DATA"],
    ["ignore", "INSUFFICIENT_DATA"],
  ] as const)("without anything measured counts as %s says", async (missing, expected) => {
    await put({ TreatMissingData: missing });
    expect(await state()).toBe(expected);
  });

  it("over a percentile looks at the slow ones", async () => {
    await put({ Statistic: undefined, ExtendedStatistic: "p95", Threshold: 100 });
    measure(...Array.from({ length: 19 }, () => 1), 500);
    expect(await state()).toBe("OK");
    measure(500);
    expect(await state()).toBe("ALARM");
  });

  it("tells whoever waits for it the moment it is raised", async () => {
    await put();
    const waiting = service.raised(["slow", "errors"], new AbortController().signal);
    measure(1);
    expect(await waiting).toBe("errors");
  });

  it("is waited for no longer than somebody waits", async () => {
    await put();
    const leaving = new AbortController();
    const waiting = service.raised(["errors"], leaving.signal);
    leaving.abort();
    expect(await waiting).toBeUndefined();
  });

  it("outlives a restart", async () => {
    await put();
    await close();
    await open();
    expect(await state()).toBe("OK");
  });
});

describe("the adapter", () => {
  it("makes, reads and removes alarms, each as often as it is asked to", async () => {
    const keeper = cloudWatchAlarms(client);
    const wanted = {
      name: "errors",
      description: "Takes it back.",
      namespace: series.namespace,
      metric: series.metric,
      statistic: "Average",
      dimensions: series.dimensions,
      periodSeconds: 60,
      threshold: 0.05,
    };
    await keeper.create(wanted);
    await keeper.create({ ...wanted, name: "slow", metric: "ModelLatency", statistic: "p95" });
    measure(1);
    expect(await keeper.read(["slow", "gone", "errors"])).toEqual([
      { name: "slow", state: "OK", reason: expect.any(String) },
      { name: "gone", state: "missing" },
      { name: "errors", state: "ALARM", reason: expect.stringContaining("Threshold Crossed") },
    ]);
    expect(await keeper.remove(["errors", "gone"])).toEqual(["errors"]);
    expect(await keeper.remove(["errors", "gone"])).toEqual([]);
    expect(await keeper.read(["errors"])).toEqual([{ name: "errors", state: "missing" }]);
    expect(await keeper.read([])).toEqual([]);
  });
});

describe("what is not carried", () => {
  it.each<[string, Partial<PutMetricAlarmCommandInput>]>([
    ["actions", { AlarmActions: ["arn:aws:sns:us-east-1:000000000000:alarms"] }],
    ["actions that would be enabled", { ActionsEnabled: true }],
    ["an expression", { Metrics: [{ Id: "m1", Expression: "m2 / m3" }] }],
    ["two statistics", { ExtendedStatistic: "p95" }],
    ["periods of ten seconds", { Period: 10 }],
    ["anomaly detection", { ComparisonOperator: "GreaterThanUpperThreshold" }],
  ])("is refused: %s", async (_, over) => {
    await expect(put(over)).rejects.toThrow();
    expect(service.state("errors")).toBeUndefined();
  });

  it("is refused: reading metrics", async () => {
    const command = new GetMetricStatisticsCommand({
      Namespace: "AWS/SageMaker",
      MetricName: "ModelLatency",
      StartTime: new Date(0),
      EndTime: new Date(1),
      Period: 60,
    });
    await expect(client.send(command)).rejects.toThrow(/not carried by the local stand-in/);
  });
});

it("deletes no alarm where one of them is not there, as CloudWatch says", async () => {
  await put();
  const both = new DeleteAlarmsCommand({ AlarmNames: ["errors", "gone"] });
  await expect(client.send(both)).rejects.toBeInstanceOf(ResourceNotFound);
  expect(await state()).toBeDefined();
});

it("notes what IAM would judge", async () => {
  await put();
  await state();
  await client.send(new DeleteAlarmsCommand({ AlarmNames: ["errors"] }));
  const resource = "arn:aws:cloudwatch:us-east-1:000000000000:alarm:errors";
  expect(calls.map(({ action, resource: on, principal }) => [action, on, principal])).toEqual([
    ["cloudwatch:PutMetricAlarm", resource, "AKIDWATCH"],
    ["cloudwatch:DescribeAlarms", resource, "AKIDWATCH"],
    ["cloudwatch:DeleteAlarms", resource, "AKIDWATCH"],
  ]);
});
