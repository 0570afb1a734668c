import {
  type CloudWatchClient,
  type CompositeAlarm,
  DeleteAlarmsCommand,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  type MetricAlarm,
  PutMetricAlarmCommand,
} from "@aws-sdk/client-cloudwatch";
import type { AlarmKeeper, AlarmReading } from "../../core/deployment/alarms.ts";
import { type Instant, instantFromMs, msOfInstant } from "../../core/encoding/instant.ts";

type FoundAlarm = MetricAlarm | CompositeAlarm;

/** Alarms of CloudWatch. */
export function cloudWatchAlarms(client: CloudWatchClient): AlarmKeeper {
  async function find(names: readonly string[]): Promise<ReadonlyMap<string, FoundAlarm>> {
    if (names.length === 0) return new Map();
    // A hundred names a call, and a target heeds ten alarms: one page.
    const answer = await client.send(
      new DescribeAlarmsCommand({ AlarmNames: [...names], AlarmTypes: ["MetricAlarm", "CompositeAlarm"] }),
    );
    const found = [...(answer.MetricAlarms ?? []), ...(answer.CompositeAlarms ?? [])];
    return new Map(found.flatMap((alarm) => (alarm.AlarmName === undefined ? [] : [[alarm.AlarmName, alarm]])));
  }

  /** When an alarm was raised last since then; `undefined`: it was not. */
  async function raisedSince(name: string, since: Instant): Promise<Instant | undefined> {
    let next: string | undefined;
    do {
      const page = await client.send(
        new DescribeAlarmHistoryCommand({
          AlarmName: name,
          AlarmTypes: ["MetricAlarm", "CompositeAlarm"],
          HistoryItemType: "StateUpdate",
          StartDate: new Date(msOfInstant(since)),
          ScanBy: "TimestampDescending",
          ...(next === undefined ? {} : { NextToken: next }),
        }),
      );
      for (const { Timestamp: at, HistoryData: data } of page.AlarmHistoryItems ?? [])
        if (at !== undefined && becameAlarm(data)) return instantFromMs(at.getTime());
      next = page.NextToken;
    } while (next !== undefined);
    return undefined;
  }

  return {
    /** Makes the alarm, or gives the one of that name these properties: both come to the same. */
    async create(alarm) {
      const percentile = alarm.statistic.startsWith("p");
      await client.send(
        new PutMetricAlarmCommand({
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
        }),
      );
    },

    async read(names, since) {
      const found = await find(names);
      const readings: AlarmReading[] = [];
      for (const name of names) {
        const reading = readingOf(name, found.get(name));
        const asked = since !== undefined && reading.state !== "missing" && reading.state !== "ALARM";
        const raisedAt = asked ? await raisedSince(name, since) : undefined;
        readings.push(raisedAt === undefined ? reading : { ...reading, raisedAt });
      }
      return readings;
    },

    async remove(names) {
      const there = [...(await find(names)).keys()];
      if (there.length > 0) await client.send(new DeleteAlarmsCommand({ AlarmNames: there }));
      return there;
    },
  };
}

function readingOf(name: string, alarm: FoundAlarm | undefined): AlarmReading {
  const state = alarm?.StateValue;
  if (state !== "OK" && state !== "ALARM" && state !== "INSUFFICIENT_DATA") return { name, state: "missing" };
  return { name, state, ...(alarm?.StateReason === undefined ? {} : { reason: alarm.StateReason }) };
}

/** Data of a state's update: JSON with the new state, among much else. What cannot be read counts as raised. */
function becameAlarm(data: string | undefined): boolean {
  try {
    const told = JSON.parse(data ?? "") as { readonly newState?: { readonly stateValue?: unknown } } | null;
    const state = told?.newState?.stateValue;
    return state !== "OK" && state !== "INSUFFICIENT_DATA";
  } catch {
    return true;
  }
}
