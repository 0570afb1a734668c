import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { type MetricValues, type Sample, statisticOf } from "./cloudwatch-metrics.ts";
import { replaceFile } from "./json-lines.ts";

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
  mkdirSync(dirname(path), { recursive: true });
  const lines = existsSync(path) ? readFileSync(path, "utf8").split("\n") : [];
  const alarms = new Map<string, AlarmRecord>();
  for (const line of lines.filter((text) => text !== "")) {
    // Written below.
    const alarm = JSON.parse(line) as AlarmRecord;
    alarms.set(alarm.name, alarm);
  }
  const save = () => replaceFile(path, [...alarms.values()]);
  return {
    get: (name) => alarms.get(name),
    all: () => [...alarms.values()],
    put(alarm) {
      alarms.set(alarm.name, alarm);
      save();
    },
    remove(name) {
      alarms.delete(name);
      save();
    },
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
