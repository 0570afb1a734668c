import {
  GetMetricDataCommand as Asked,
  type CloudWatchClient,
  type GetMetricDataCommand,
} from "@aws-sdk/client-cloudwatch";
import { describe, expect, it } from "vitest";
import { variantMeasures } from "../../../adapters/cloudwatch/variant-measures.ts";

/** A CloudWatch that answers each query with a value for each of its periods. */
function measuring(values: Readonly<Record<string, readonly number[]>>) {
  const asked: GetMetricDataCommand["input"][] = [];
  const client = {
    async send(command: unknown) {
      if (!(command instanceof Asked)) throw new Error("It is asked for nothing else.");
      asked.push(command.input);
      return { MetricDataResults: Object.entries(values).map(([Id, Values]) => ({ Id, Values: [...Values] })) };
    },
  } as unknown as CloudWatchClient;
  const between = (from: string, until: string) =>
    variantMeasures(client)({ endpoint: "e", variant: "v", configName: "c", from, until });
  return { between, periods: () => new Set(asked[0]?.MetricDataQueries?.map(({ MetricStat: stat }) => stat?.Period)) };
}

describe("what CloudWatch measured of a variant", () => {
  it("is asked for in one period, of whole minutes", async () => {
    const { between, periods } = measuring({ invocations: [7], p95: [1500] });
    expect(await between("2026-11-20T10:00:30.000Z", "2026-11-20T10:59:30.000Z")).toMatchObject({
      invocations: 7,
      latencyP95Milliseconds: 1.5,
    });
    expect([...periods()]).toEqual([3600]);
  });

  it("is asked for in days where it is more than one, since no period is longer: sums of all, the worst of times", async () => {
    const { between, periods } = measuring({ invocations: [7, 5, 1], p95: [1500, 9000, 20] });
    expect(await between("2026-11-20T10:00:00.000Z", "2026-11-22T12:00:00.000Z")).toMatchObject({
      invocations: 13,
      latencyP95Milliseconds: 9,
    });
    expect([...periods()]).toEqual([86_400]);
  });
});
