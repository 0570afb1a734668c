import { type CloudWatchClient, GetMetricDataCommand, type MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import type { VariantMeasures } from "../../core/promotion/shadow.ts";

const minute = 60_000;

const asked = {
  invocations: ["Invocations", "Sum"],
  errors4xx: ["Invocation4XXErrors", "Sum"],
  errors5xx: ["Invocation5XXErrors", "Sum"],
  p50: ["ModelLatency", "p50"],
  p95: ["ModelLatency", "p95"],
} as const;

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html#CloudWatchPeriods */
const longestPeriodSeconds = 86_400;

/** What CloudWatch measured of one variant under one configuration of an endpoint: in one period over the whole time, or in days. */
export function variantMeasures(client: CloudWatchClient) {
  return async (of: {
    readonly endpoint: string;
    readonly variant: string;
    readonly configName: string;
    readonly from: string;
    readonly until: string;
  }): Promise<VariantMeasures> => {
    const from = Math.floor(Date.parse(of.from) / minute) * minute;
    // Whole minutes are all that it takes; the last one is not over yet.
    const until = Math.ceil((Date.parse(of.until) + 1) / minute) * minute;
    const periodSeconds = Math.min(longestPeriodSeconds, (until - from) / 1000);
    const answer = await client.send(
      new GetMetricDataCommand({
        StartTime: new Date(from),
        EndTime: new Date(until),
        MetricDataQueries: Object.entries(asked).map(([id, [metric, statistic]]) =>
          queryOf(id, metric, statistic, { ...of, periodSeconds }),
        ),
      }),
    );
    const values = (id: keyof typeof asked) => answer.MetricDataResults?.find(({ Id }) => Id === id)?.Values ?? [];
    const sum = (id: keyof typeof asked) => Math.round(values(id).reduce((total, value) => total + value, 0));
    const [p50, p95] = [milliseconds(values("p50")), milliseconds(values("p95"))];
    return {
      invocations: sum("invocations"),
      errors4xx: sum("errors4xx"),
      errors5xx: sum("errors5xx"),
      ...(p50 === undefined ? {} : { latencyP50Milliseconds: p50 }),
      ...(p95 === undefined ? {} : { latencyP95Milliseconds: p95 }),
    };
  };
}

function queryOf(
  id: string,
  metric: string,
  statistic: string,
  of: {
    readonly endpoint: string;
    readonly variant: string;
    readonly configName: string;
    readonly periodSeconds: number;
  },
): MetricDataQuery {
  return {
    Id: id,
    MetricStat: {
      Metric: {
        Namespace: "AWS/SageMaker",
        MetricName: metric,
        // CloudWatch has these metrics for each configuration as well: deployment-guardrails-configuration.html
        Dimensions: [
          { Name: "EndpointName", Value: of.endpoint },
          { Name: "VariantName", Value: of.variant },
          { Name: "EndpointConfigName", Value: of.configName },
        ],
      },
      Period: of.periodSeconds,
      Stat: statistic,
    },
  };
}

/** Out of microseconds; of several periods the worst. */
function milliseconds(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : Math.max(...values) / 1000;
}
