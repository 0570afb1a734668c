import { by } from "../../core/encoding/text-order.ts";
/** What a service measured once: one value of a metric with its dimensions. */
export interface Sample {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Where a stand-in reports what it measures. */
export interface MetricSink {
  record(samples: readonly Sample[]): void;
}

/** The values of one metric, by periods of time. */
export interface MetricValues {
  add(sample: Sample, at: number): void;
  /** The values of exactly these dimensions from one instant on and before another, in ms. */
  between(series: Omit<Sample, "value">, from: number, until: number): readonly number[];
}

/** Kept in memory: a stand-in that starts again has measured nothing yet. */
const longestKept = 3 * 3_600_000;

export function metricValues(): MetricValues {
  const series = new Map<string, { readonly at: number; readonly value: number }[]>();
  return {
    add(sample, at) {
      const key = keyOf(sample);
      const values = series.get(key) ?? [];
      values.push({ at, value: sample.value });
      while ((values[0]?.at ?? at) < at - longestKept) values.shift();
      series.set(key, values);
    },
    between: (wanted, from, until) =>
      (series.get(keyOf(wanted)) ?? []).filter(({ at }) => at >= from && at < until).map(({ value }) => value),
  };
}

/** Dimensions that are given in another order are the same. */
function keyOf({ namespace, metric, dimensions }: Omit<Sample, "value">): string {
  return JSON.stringify([namespace, metric, Object.entries(dimensions).toSorted(by(([name]) => name))]);
}

/** One statistic of some values: `Average`, `Sum`, `Minimum`, `Maximum`, `SampleCount` or a percentile such as `p95`. */
export function statisticOf(statistic: string, values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  const sum = values.reduce((total, value) => total + value, 0);
  switch (statistic) {
    case "Sum":
      return sum;
    case "Average":
      return sum / values.length;
    case "Minimum":
      return Math.min(...values);
    case "Maximum":
      return Math.max(...values);
    case "SampleCount":
      return values.length;
    default: {
      // The smallest value that so many of a hundred are not above.
      const rank = Math.ceil((Number(statistic.slice(1)) / 100) * values.length);
      return values.toSorted((a, b) => a - b)[Math.max(rank, 1) - 1];
    }
  }
}
