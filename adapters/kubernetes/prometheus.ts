import type { Measured } from "../../core/deployment/measured-bounds.ts";
import { Failure } from "../../core/failure.ts";
import type { ClusterMetrics } from "../../core/promotion/freeze-manifest.ts";
import type { Cluster } from "./cluster.ts";

/** What a query answers where nothing matches: an empty vector. */
const queryPath = "/api/v1/query";
const longestMessage = 300;

/**
 * What Prometheus has of these pods for the last seconds, by the queries that a target names. It is asked through the cluster's
 * API, so no other way into the cluster is needed.
 * https://prometheus.io/docs/prometheus/latest/querying/api/#instant-queries
 * Throws `unavailable` where it does not answer, and `deployment-refused` for a query that it does not understand.
 */
export async function measuredIn(
  cluster: Cluster,
  metrics: ClusterMetrics,
  pods: readonly string[],
  windowSeconds: number,
): Promise<Measured> {
  const ask = async (query: string | undefined): Promise<number | undefined> =>
    query === undefined ? undefined : answerTo(cluster, metrics, filledIn(query, pods, windowSeconds));
  const [requests, errors, p95Seconds] = [
    await ask(metrics.requests),
    await ask(metrics.errors),
    await ask(metrics.p95Seconds),
  ];
  return {
    ...(requests === undefined ? {} : { requests }),
    ...(errors === undefined ? {} : { errors }),
    ...(p95Seconds === undefined ? {} : { p95Milliseconds: 1000 * p95Seconds }),
  };
}

/** `$pods` stands for a regular expression that matches these pods and no others, `$window` for a duration. */
function filledIn(query: string, pods: readonly string[], windowSeconds: number): string {
  // Within a PromQL string a backslash is written twice. Without any pod nothing is to match.
  const names = pods.length === 0 ? "-" : pods.map((name) => name.replaceAll(".", "\\\\.")).join("|");
  return query.replaceAll("$pods", names).replaceAll("$window", `${windowSeconds}s`);
}

async function answerTo(cluster: Cluster, metrics: ClusterMetrics, query: string): Promise<number | undefined> {
  const { status, body } = await cluster.ask(metrics, queryPath, { query });
  const answer = record(body);
  if (status === 400 || status === 422)
    throw new Failure(
      "deployment-refused",
      `Prometheus does not understand a query of the target: ${String(answer["error"]).slice(0, longestMessage)}`,
    );
  if (status !== 200 || answer["status"] !== "success")
    throw new Failure("unavailable", `Prometheus does not answer at the moment (${status}).`);
  const { resultType, result } = record(answer["data"]);
  const samples: readonly unknown[] = Array.isArray(result) ? result : [];
  if (resultType === "scalar") return numberIn(samples);
  if (resultType !== "vector" || samples.length > 1)
    throw new Failure(
      "deployment-refused",
      `A query of the target has ${samples.length} results (${String(resultType)}); it has to come to one number.`,
    );
  const [sample] = samples;
  const { value } = record(sample);
  return Array.isArray(value) ? numberIn(value) : undefined;
}

/** `[1435781451.781, "0.2"]`; NaN says that there was nothing to divide by. */
function numberIn([, value]: readonly unknown[]): number | undefined {
  const number = typeof value === "string" ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : value === "+Inf" ? Number.MAX_VALUE : undefined;
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
