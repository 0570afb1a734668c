import { join } from "node:path";
import * as v from "valibot";
import { type AwsCallLog, type LocalService, localAccount, localRegion } from "../aws/aws-call.ts";
import { AwsRefusal } from "../aws/aws-json-server.ts";
import { operation, serveOperations } from "../aws/aws-operations.ts";
import type { JsonObject } from "../aws/json-shape.ts";
import type { WakeClock } from "../wake-clock.ts";
import {
  type AlarmRecord,
  type AlarmState,
  comparisons,
  evaluated,
  historyItem,
  openAlarms,
  withChange,
} from "./alarms.ts";
import { getMetricData, metricData } from "./data.ts";
import { type MetricSink, metricValues, type Sample } from "./metrics.ts";

export interface CloudWatchOptions {
  readonly directory: string;
  readonly log: AwsCallLog;
  readonly port?: number;
  /** Periods are measured by it. */
  readonly clock: WakeClock;
}

/** How another service sees the alarms. */
export interface AlarmStates {
  state(name: string): AlarmState | undefined;
  /** Resolves with the name of the first of these alarms that is raised, or with nothing once `signal` is aborted. */
  raised(names: readonly string[], signal: AbortSignal): Promise<string | undefined>;
}

export interface LocalCloudWatch extends LocalService, AlarmStates, MetricSink {}

const invalid = "InvalidParameterValue";
const name = v.pipe(v.string(), v.minLength(1), v.maxLength(255));
const names = v.pipe(v.array(name), v.maxLength(100));
const dimensions = v.pipe(v.array(v.strictObject({ Name: name, Value: v.string() })), v.maxLength(30));
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html, for one metric.
const putMetricAlarm = v.pipe(
  v.strictObject({
    AlarmName: name,
    AlarmDescription: v.optional(v.pipe(v.string(), v.maxLength(1024))),
    ActionsEnabled: v.optional(v.literal(false)),
    Namespace: name,
    MetricName: name,
    Statistic: v.optional(v.picklist(["SampleCount", "Average", "Sum", "Minimum", "Maximum"])),
    ExtendedStatistic: v.optional(v.pipe(v.string(), v.regex(/^p(\d{1,2}(\.\d{1,10})?|100)$/))),
    Dimensions: v.optional(dimensions, []),
    Period: v.pipe(v.number(), v.integer(), v.multipleOf(60), v.minValue(60)),
    EvaluationPeriods: v.pipe(v.number(), v.integer(), v.minValue(1)),
    Threshold: v.pipe(v.number(), v.finite()),
    ComparisonOperator: v.picklist(Object.keys(comparisons) as (keyof typeof comparisons)[]),
    TreatMissingData: v.optional(v.picklist(["breaching", "notBreaching", "ignore", "missing"]), "missing"),
  }),
  v.check(
    ({ Statistic, ExtendedStatistic }) => (Statistic === undefined) !== (ExtendedStatistic === undefined),
    "exactly one of Statistic and ExtendedStatistic must be given",
  ),
);

/**
 * Starts the stand-in for CloudWatch: metric alarms over what the other stand-ins measure. No actions, no composite
 * alarms, no metrics from outside: what is not carried is refused.
 */
export async function startCloudWatch({ directory, log, port, clock }: CloudWatchOptions): Promise<LocalCloudWatch> {
  const alarms = openAlarms(join(directory, "alarms.jsonl"));
  const values = metricValues();
  // Alarms go by a clock that may be quicker than the day; whoever asks what was measured goes by their own.
  const asMeasured = metricValues();
  const watchers = new Set<() => void>();

  /** The alarm as it stands now. */
  const current = (alarmName: string): AlarmRecord | undefined => {
    const alarm = alarms.get(alarmName);
    if (alarm === undefined) return undefined;
    const now = evaluated(alarm, values, clock.now());
    if (now === alarm) return alarm;
    // Who asks what was before goes by the day's own clock, as with what was measured.
    const changed = withChange(alarm, now, Date.now());
    alarms.put(changed);
    return changed;
  };

  const operations = {
    PutMetricAlarm: operation(putMetricAlarm, invalid, (input, need) => {
      need({ action: "cloudwatch:PutMetricAlarm", resource: arnOf(input.AlarmName) });
      alarms.put({
        name: input.AlarmName,
        ...(input.AlarmDescription === undefined ? {} : { description: input.AlarmDescription }),
        series: {
          namespace: input.Namespace,
          metric: input.MetricName,
          dimensions: Object.fromEntries(input.Dimensions.map(({ Name, Value }) => [Name, Value])),
        },
        statistic: input.Statistic ?? input.ExtendedStatistic ?? "",
        periodSeconds: input.Period,
        periods: input.EvaluationPeriods,
        threshold: input.Threshold,
        comparison: input.ComparisonOperator,
        missing: input.TreatMissingData,
        state: "INSUFFICIENT_DATA",
        reason: "Unchecked: Initial alarm creation",
        updatedAt: clock.now(),
        configuredAt: clock.now(),
      });
      return {};
    }),
    DescribeAlarms: operation(
      v.strictObject({
        AlarmNames: v.optional(names),
        AlarmTypes: v.optional(v.array(v.picklist(["MetricAlarm", "CompositeAlarm"]))),
      }),
      invalid,
      ({ AlarmNames, AlarmTypes = ["MetricAlarm"] }, need) => {
        const wanted = AlarmNames ?? alarms.all().map((alarm) => alarm.name);
        for (const each of AlarmNames ?? ["*"]) need({ action: "cloudwatch:DescribeAlarms", resource: arnOf(each) });
        const found = wanted.flatMap((each) => current(each) ?? []);
        return { MetricAlarms: AlarmTypes.includes("MetricAlarm") ? found.map(described) : [], CompositeAlarms: [] };
      },
    ),
    DescribeAlarmHistory: operation(
      v.strictObject({
        AlarmName: name,
        AlarmTypes: v.optional(v.array(v.picklist(["MetricAlarm", "CompositeAlarm"]))),
        HistoryItemType: v.literal("StateUpdate"),
        StartDate: v.number(),
        ScanBy: v.literal("TimestampDescending"),
      }),
      invalid,
      ({ AlarmName, StartDate }, need) => {
        need({ action: "cloudwatch:DescribeAlarmHistory", resource: arnOf(AlarmName) });
        const changes = (current(AlarmName)?.changes ?? []).filter(({ at }) => at >= StartDate * 1000);
        return { AlarmHistoryItems: changes.map((change) => historyItem(AlarmName, change)) };
      },
    ),
    GetMetricData: operation(getMetricData, invalid, (input, need) => {
      need({ action: "cloudwatch:GetMetricData", resource: "*" });
      return metricData(input, asMeasured);
    }),
    DeleteAlarms: operation(v.strictObject({ AlarmNames: names }), invalid, ({ AlarmNames }, need) => {
      for (const each of AlarmNames) need({ action: "cloudwatch:DeleteAlarms", resource: arnOf(each) });
      // All of them or none: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DeleteAlarms.html
      const gone = AlarmNames.find((each) => alarms.get(each) === undefined);
      if (gone !== undefined) throw new AwsRefusal("ResourceNotFound", `Alarm ${gone} does not exist.`, 404);
      for (const each of AlarmNames) alarms.remove(each);
      return {};
    }),
  };

  const server = await serveOperations({
    target: "GraniteServiceVersion20100801",
    operations,
    log,
    port,
    clock: Date.now,
  });

  return {
    ...server,
    state: (alarmName) => current(alarmName)?.state,
    record(samples) {
      for (const sample of samples) {
        values.add(sample, clock.now());
        asMeasured.add(sample, Date.now());
      }
      // A period that is bad counts, though nobody asks before it is over.
      for (const alarm of alarms.all()) if (samples.some((sample) => isOver(alarm, sample))) current(alarm.name);
      for (const look of [...watchers]) look();
    },
    raised: (wanted, signal) =>
      new Promise((resolve) => {
        const done = (raised: string | undefined) => {
          watchers.delete(look);
          signal.removeEventListener("abort", stop);
          resolve(raised);
        };
        const look = () => {
          const raised = wanted.find((each) => current(each)?.state === "ALARM");
          if (raised !== undefined) done(raised);
        };
        const stop = () => done(undefined);
        if (signal.aborted) return resolve(undefined);
        signal.addEventListener("abort", stop, { once: true });
        watchers.add(look);
        look();
      }),
  };
}

function isOver({ series }: AlarmRecord, { namespace, metric, dimensions }: Sample): boolean {
  return (
    series.namespace === namespace &&
    series.metric === metric &&
    Object.keys(dimensions).length === Object.keys(series.dimensions).length &&
    Object.entries(series.dimensions).every(([key, value]) => dimensions[key] === value)
  );
}

function arnOf(alarmName: string): string {
  return `arn:aws:cloudwatch:${localRegion}:${localAccount}:alarm:${alarmName}`;
}

function described(alarm: AlarmRecord): JsonObject {
  const percentile = alarm.statistic.startsWith("p");
  return {
    AlarmName: alarm.name,
    AlarmArn: arnOf(alarm.name),
    ...(alarm.description === undefined ? {} : { AlarmDescription: alarm.description }),
    ActionsEnabled: false,
    Namespace: alarm.series.namespace,
    MetricName: alarm.series.metric,
    [percentile ? "ExtendedStatistic" : "Statistic"]: alarm.statistic,
    Dimensions: Object.entries(alarm.series.dimensions).map(([Name, Value]) => ({ Name, Value })),
    Period: alarm.periodSeconds,
    EvaluationPeriods: alarm.periods,
    Threshold: alarm.threshold,
    ComparisonOperator: alarm.comparison,
    TreatMissingData: alarm.missing,
    StateValue: alarm.state,
    StateReason: alarm.reason,
    StateUpdatedTimestamp: alarm.updatedAt / 1000,
    ...(alarm.configuredAt === undefined ? {} : { AlarmConfigurationUpdatedTimestamp: alarm.configuredAt / 1000 }),
  };
}
