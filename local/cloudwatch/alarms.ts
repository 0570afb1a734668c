import type { JsonObject } from "../aws/json-shape.ts";
import { openKeptDocuments } from "../kept-documents.ts";
import { type MetricValues, type Sample, statisticOf } from "./metrics.ts";

export type AlarmState = "OK" | "ALARM" | "INSUFFICIENT_DATA";

/** A metric alarm: raised while the newest periods are all beyond the threshold. */
export interface AlarmRecord {
  readonly name: string;
  readonly description?: string;
  readonly series: Omit<Sample, "value">;
  readonly statistic: string;
  readonly periodSeconds: number;
  readonly periods: number;
  readonly threshold: number;
  readonly comparison: keyof typeof comparisons;
  readonly missing: "breaching" | "notBreaching" | "ignore" | "missing";
  readonly state: AlarmState;
  readonly reason: string;
  /** Milliseconds since the epoch, by the clock of the stand-in. */
  readonly updatedAt: number;
  /** When its properties were put last, by the same clock; absent in what an earlier version kept. */
  readonly configuredAt?: number;
  /** The newest changes of its state, the newest first. */
  readonly changes?: readonly StateChange[];
}

/** One change of an alarm's state; `at` is milliseconds since the epoch, by the day's own clock. */
export interface StateChange {
  readonly at: number;
  readonly from: { readonly state: AlarmState; readonly reason: string };
  readonly to: { readonly state: AlarmState; readonly reason: string };
}

const mostChanges = 100;

/** The alarm with the change that was seen of it just now; the same where there was none. */
export function withChange(was: AlarmRecord, now: AlarmRecord, at: number): AlarmRecord {
  if (was.state === now.state) return now;
  const from = { state: was.state, reason: was.reason };
  const change: StateChange = { at, from, to: { state: now.state, reason: now.reason } };
  return { ...now, changes: [change, ...(was.changes ?? [])].slice(0, mostChanges) };
}

/** A change as `DescribeAlarmHistory` tells it. */
export function historyItem(name: string, { at, from, to }: StateChange): JsonObject {
  const told = ({ state, reason }: StateChange["from"]) => ({ stateValue: state, stateReason: reason });
  return {
    AlarmName: name,
    AlarmType: "MetricAlarm",
    HistoryItemType: "StateUpdate",
    HistorySummary: `Alarm updated from ${from.state} to ${to.state}`,
    HistoryData: JSON.stringify({ version: "1.0", oldState: told(from), newState: told(to) }),
    Timestamp: at / 1000,
  };
}

export const comparisons = {
  GreaterThanThreshold: (value: number, threshold: number) => value > threshold,
  GreaterThanOrEqualToThreshold: (value: number, threshold: number) => value >= threshold,
  LessThanThreshold: (value: number, threshold: number) => value < threshold,
  LessThanOrEqualToThreshold: (value: number, threshold: number) => value <= threshold,
} as const;

/** Alarms by name, kept on disk. */
export interface AlarmStore {
  get(name: string): AlarmRecord | undefined;
  all(): readonly AlarmRecord[];
  put(alarm: AlarmRecord): void;
  remove(name: string): void;
}

export function openAlarms(path: string): AlarmStore {
  const alarms = openKeptDocuments<AlarmRecord>(path, ({ name }) => name);
  return {
    get: (name) => alarms.all.get(name),
    all: () => [...alarms.all.values()],
    put: (alarm) => alarms.set(alarm.name, alarm),
    remove: (name) => alarms.delete(name),
  };
}

/**
 * The alarm as it stands at an instant: every one of its periods, the newest of them as far as it has come, is beyond
 * the threshold. Periods lie on the clock, as CloudWatch's do. Missing ones count as the alarm says
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html).
 */
export function evaluated(alarm: AlarmRecord, values: MetricValues, now: number): AlarmRecord {
  const length = alarm.periodSeconds * 1000;
  const newest = Math.floor(now / length) * length;
  const points = Array.from({ length: alarm.periods }, (_, back) => {
    const from = newest - back * length;
    return statisticOf(alarm.statistic, values.between(alarm.series, from, from + length));
  });
  const told = points.filter((point) => point !== undefined);
  const beyond = (point: number) => comparisons[alarm.comparison](point, alarm.threshold);
  const { state, reason } = stateOf(alarm, points, told, beyond);
  return state === alarm.state ? alarm : { ...alarm, state, reason, updatedAt: now };
}

function stateOf(
  alarm: AlarmRecord,
  points: readonly (number | undefined)[],
  told: readonly number[],
  beyond: (point: number) => boolean,
): { readonly state: AlarmState; readonly reason: string } {
  if (told.length === 0) {
    switch (alarm.missing) {
      case "ignore":
        return alarm;
      case "missing":
        return { state: "INSUFFICIENT_DATA", reason: "Insufficient Data: no datapoints were received." };
      case "breaching":
        return { state: "ALARM", reason: "Threshold Crossed: no datapoints were received, and missing is breaching." };
      case "notBreaching":
        return { state: "OK", reason: "Threshold Crossed: no datapoints were received, and missing is not breaching." };
      default:
        return alarm.missing satisfies never;
    }
  }
  const raised = points.every((point) => (point === undefined ? alarm.missing === "breaching" : beyond(point)));
  const shown = told.map((point) => Number(point.toFixed(4))).join(", ");
  return {
    state: raised ? "ALARM" : "OK",
    reason: `Threshold Crossed: ${told.length} out of the last ${alarm.periods} datapoints [${shown}] ${
      raised ? "crossed" : "did not all cross"
    } the threshold (${alarm.comparison} ${alarm.threshold}).`,
  };
}
