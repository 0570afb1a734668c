import {
  type CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  type MetricAlarm as FoundAlarm,
  PutMetricAlarmCommand,
} from "@aws-sdk/client-cloudwatch";
import type { AlarmKeeper, AlarmReading } from "../../core/deployment/alarms.ts";

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

    async read(names) {
      const found = await find(names);
      return names.map((name): AlarmReading => {
        const alarm = found.get(name);
        const state = alarm?.StateValue;
        if (state !== "OK" && state !== "ALARM" && state !== "INSUFFICIENT_DATA") return { name, state: "missing" };
        return { name, state, ...(alarm?.StateReason === undefined ? {} : { reason: alarm.StateReason }) };
      });
    },

    async remove(names) {
      const there = [...(await find(names)).keys()];
      if (there.length > 0) await client.send(new DeleteAlarmsCommand({ AlarmNames: there }));
      return there;
    },
  };
}
