import type { CompositeAlarm, MetricAlarm as FoundMetricAlarm, PutMetricAlarmInput } from "@aws-sdk/client-cloudwatch";
import type { MetricAlarm } from "../../core/deployment/alarms.ts";
import { by } from "../../core/encoding/text-order.ts";

/** An alarm in CloudWatch's words. */
export function alarmAsked(alarm: MetricAlarm): PutMetricAlarmInput {
  const percentile = alarm.statistic.startsWith("p");
  return {
    AlarmName: alarm.name,
    AlarmDescription: alarm.description,
    ActionsEnabled: false,
    Namespace: alarm.namespace,
    MetricName: alarm.metric,
    ...(percentile ? { ExtendedStatistic: alarm.statistic } : { Statistic: alarm.statistic as "Average" }),
    Dimensions: Object.entries(alarm.dimensions).map(([Name, Value]) => ({ Name, Value })),
    Period: alarm.periodSeconds,
    EvaluationPeriods: 1,
    Threshold: alarm.threshold,
    ComparisonOperator: "GreaterThanThreshold",
    // As SageMaker's own examples have it: before the first request there is nothing to be alarmed about.
    TreatMissingData: "notBreaching",
  };
}

/** What CloudWatch tells of its own, and what changes nothing of what is watched: its name is what it was asked for by. */
const told: ReadonlySet<string> = new Set([
  "AlarmName",
  "AlarmArn",
  "AlarmDescription",
  "AlarmConfigurationUpdatedTimestamp",
  "StateValue",
  "StateReason",
  "StateReasonData",
  "StateUpdatedTimestamp",
  "StateTransitionedTimestamp",
  "EvaluationState",
  // Whoever else wants to hear of it may.
  "ActionsEnabled",
  "OKActions",
  "AlarmActions",
  "InsufficientDataActions",
  "ActionConfiguration",
]);

/** What may be said of an alarm that was not asked so, and means the same as nothing. */
const meaningNothing: Readonly<Record<string, (value: unknown) => boolean>> = {
  DatapointsToAlarm: (value) => value === 1,
  EvaluateLowSampleCountPercentile: (value) => value === "evaluate",
  EvaluationInterval: (value) => typeof value === "number" && value <= 60,
  EvaluationWindow: (value) => typeof value === "object" && value !== null && "SlidingWindow" in value,
};

/**
 * The first property of an alarm that is not as it was made; `undefined`: all of it is. What nobody knows here is not either: it
 * may say what is not looked at.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricAlarm.html
 */
export function changedIn(found: FoundMetricAlarm | CompositeAlarm, made: MetricAlarm): string | undefined {
  const asked: Readonly<Record<string, unknown>> = { ...alarmAsked(made) };
  const has: Readonly<Record<string, unknown>> = { ...found };
  return [...new Set([...Object.keys(asked), ...Object.keys(has)])].find(
    (name) => !told.has(name) && !isAsMade(name, has[name], asked[name]),
  );
}

function isAsMade(name: string, found: unknown, asked: unknown): boolean {
  if (asked === undefined)
    return isAbsent(found) || (Array.isArray(found) && found.length === 0) || meaningNothing[name]?.(found) === true;
  if (name === "Dimensions") return sorted(found) === sorted(asked);
  // A number may have been kept in fewer digits on the other side.
  if (typeof found === "number" && typeof asked === "number") return Math.fround(found) === Math.fround(asked);
  return found === asked;
}

/** Dimensions are a set. */
function sorted(dimensions: unknown): string {
  const list: readonly { readonly Name?: string; readonly Value?: string }[] = Array.isArray(dimensions)
    ? dimensions
    : [];
  return JSON.stringify(list.map(({ Name, Value }) => [Name, Value]).toSorted(by(([name = ""]) => name)));
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}
