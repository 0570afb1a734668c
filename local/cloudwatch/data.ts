import * as v from "valibot";
import type { JsonObject } from "../aws/json-shape.ts";
import { type MetricValues, statisticOf } from "./metrics.ts";

const name = v.pipe(v.string(), v.minLength(1), v.maxLength(255));
/** Seconds since the epoch, as this protocol writes times. */
const seconds = v.pipe(v.number(), v.minValue(0));

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html, for statistics of metrics.
export const getMetricData = v.strictObject({
  StartTime: seconds,
  EndTime: seconds,
  MetricDataQueries: v.pipe(
    v.array(
      v.strictObject({
        Id: v.pipe(v.string(), v.regex(/^[a-z][a-zA-Z0-9_]{0,254}$/)),
        MetricStat: v.strictObject({
          Metric: v.strictObject({
            Namespace: name,
            MetricName: name,
            Dimensions: v.optional(
              v.pipe(v.array(v.strictObject({ Name: name, Value: v.string() })), v.maxLength(30)),
              [],
            ),
          }),
          Period: v.pipe(v.number(), v.integer(), v.multipleOf(60), v.minValue(60), v.maxValue(86_400)),
          Stat: v.pipe(v.string(), v.regex(/^(SampleCount|Average|Sum|Minimum|Maximum|p(\d{1,2}(\.\d{1,10})?|100))$/)),
        }),
      }),
    ),
    v.minLength(1),
    v.maxLength(500),
  ),
});

/** The statistic of each period that has values, the newest first. */
export function metricData(
  { StartTime, EndTime, MetricDataQueries }: v.InferOutput<typeof getMetricData>,
  values: MetricValues,
): JsonObject {
  return {
    MetricDataResults: MetricDataQueries.map(({ Id, MetricStat: { Metric, Period, Stat } }) => {
      const series = {
        namespace: Metric.Namespace,
        metric: Metric.MetricName,
        dimensions: Object.fromEntries(Metric.Dimensions.map(({ Name, Value }) => [Name, Value])),
      };
      const periods = Math.ceil((EndTime - StartTime) / Period);
      const told = Array.from({ length: periods }, (_, index) => {
        const from = StartTime + index * Period;
        const until = Math.min(from + Period, EndTime);
        return { from, value: statisticOf(Stat, values.between(series, from * 1000, until * 1000)) };
      })
        .filter(({ value }) => value !== undefined)
        .toReversed();
      return {
        Id,
        Label: Metric.MetricName,
        StatusCode: "Complete",
        Timestamps: told.map(({ from }) => from),
        Values: told.map(({ value }) => value ?? 0),
      };
    }),
    Messages: [],
  };
}
