import type { MetricAlarm as FoundMetricAlarm } from "@aws-sdk/client-cloudwatch";
import { describe, expect, it } from "vitest";
import { alarmAsked, changedIn } from "../../../adapters/cloudwatch/alarm-as-made.ts";
import type { MetricAlarm } from "../../../core/deployment/alarms.ts";

const errors: MetricAlarm = {
  name: "countersign-p-errors",
  description: "Takes it back.",
  namespace: "AWS/SageMaker",
  metric: "Invocation5XXErrors",
  statistic: "Average",
  dimensions: { EndpointName: "credit-scoring", VariantName: "AllTraffic" },
  periodSeconds: 60,
  threshold: 0.01,
};
const latency: MetricAlarm = { ...errors, metric: "ModelLatency", statistic: "p95", threshold: 250_000 };

/** What CloudWatch answers of an alarm that nobody touched. */
const answered = (alarm: MetricAlarm): FoundMetricAlarm => ({
  ...alarmAsked(alarm),
  AlarmArn: `arn:aws:cloudwatch:us-east-1:000000000000:alarm:${alarm.name}`,
  AlarmConfigurationUpdatedTimestamp: new Date(0),
  StateValue: "OK",
  StateReason: "Fine.",
  StateUpdatedTimestamp: new Date(0),
  OKActions: [],
  AlarmActions: [],
  InsufficientDataActions: [],
});

describe("an alarm that was made for a release", () => {
  it.each([errors, latency])("is as it was made where CloudWatch tells what was asked: $metric", (alarm) => {
    expect(changedIn(answered(alarm), alarm)).toBeUndefined();
  });

  it.each<[string, Partial<FoundMetricAlarm>]>([
    ["its defaults are told", { DatapointsToAlarm: 1, EvaluateLowSampleCountPercentile: "evaluate", Metrics: [] }],
    [
      "its window slides, and it is looked at each minute",
      { EvaluationWindow: { SlidingWindow: {} }, EvaluationInterval: 60 },
    ],
    ["its dimensions come in another order", { Dimensions: alarmAsked(errors).Dimensions?.toReversed() }],
    ["somebody wants to hear of it", { ActionsEnabled: true, AlarmActions: ["arn:aws:sns:us-east-1:000000000000:me"] }],
    ["its number is kept in fewer digits", { Threshold: Math.fround(0.01) }],
  ])("is the same where %s", (_, told) => {
    expect(changedIn({ ...answered(errors), ...told }, errors)).toBeUndefined();
  });

  it.each<[string, Partial<FoundMetricAlarm>]>([
    ["Threshold", { Threshold: 0.02 }],
    ["ComparisonOperator", { ComparisonOperator: "LessThanThreshold" }],
    ["Namespace", { Namespace: "Mine" }],
    ["MetricName", { MetricName: "Invocation4XXErrors" }],
    ["Statistic", { Statistic: "Minimum" }],
    ["ExtendedStatistic", { ExtendedStatistic: "p1" }],
    ["Dimensions", { Dimensions: [{ Name: "EndpointName", Value: "another" }] }],
    ["Period", { Period: 86_400 }],
    ["EvaluationPeriods", { EvaluationPeriods: 10 }],
    ["DatapointsToAlarm", { DatapointsToAlarm: 5 }],
    ["TreatMissingData", { TreatMissingData: "ignore" }],
    ["EvaluateLowSampleCountPercentile", { EvaluateLowSampleCountPercentile: "ignore" }],
    ["Unit", { Unit: "Bytes" }],
    ["Metrics", { Metrics: [{ Id: "never", Expression: "0" }] }],
    ["EvaluationInterval", { EvaluationInterval: 3600 }],
    ["EvaluationWindow", { EvaluationWindow: { WallClockWindow: {} } }],
    ["WarmUpConfiguration", { WarmUpConfiguration: { WarmUpPeriodDurationInMinutes: 1440 } }],
    ["Tomorrow", { Tomorrow: "what nobody knows" } as Partial<FoundMetricAlarm>],
  ])("is another where somebody gives it another '%s'", (name, change) => {
    expect(changedIn({ ...answered(errors), ...change }, errors)).toBe(name);
  });

  it("is another where an alarm over other alarms has its name", () => {
    expect(changedIn({ AlarmName: errors.name, AlarmRule: "FALSE", StateValue: "OK" }, errors)).toBe("Namespace");
  });
});
