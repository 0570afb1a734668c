import type { Measured } from "../../core/deployment/measured-bounds.ts";
import { cutText } from "../../core/encoding/cut-text.ts";
import { Failure } from "../../core/failure.ts";
import type { ClusterMetrics } from "../../core/promotion/target.ts";
import type { Cluster } from "./cluster.ts";

const queryPath = "/api/v1/query";
const longestMessage = 300;
/** More than that cannot be counted exactly, and stands for all that is. */
const most = Number.MAX_SAFE_INTEGER;
/** A number of milliseconds that nobody waits for, and that is written down and reckoned with exactly. */
const slowest = 1e12;

/**
 * What Prometheus has of pods for the last seconds, by the queries that a target names. `pods`: a regular expression of their names;
 * `at`: until when, if not until now. It is asked through the cluster's
 * API, so no other way into the cluster is needed.
 * https://prometheus.io/docs/prometheus/latest/querying/api/#instant-queries
 * Throws `unavailable` where it does not answer, and `deployment-refused` for a query that it does not understand.
 */
export async function measuredIn(
  cluster: Cluster,
  metrics: ClusterMetrics,
  { pods, windowSeconds, at }: { readonly pods: string; readonly windowSeconds: number; readonly at?: string },
): Promise<Measured> {
  const ask = async (query: string | undefined): Promise<number | undefined> =>
    query === undefined
      ? undefined
      : answerTo(cluster, metrics, {
          query: filledIn(query, pods, windowSeconds),
          ...(at === undefined ? {} : { time: at }),
        });
  const [requests, errors, p95Seconds] = await Promise.all([
    ask(metrics.requests),
    ask(metrics.errors),
    ask(metrics.p95Seconds),
  ]);
  return {
    ...(requests === undefined ? {} : { requests }),
    ...(errors === undefined ? {} : { errors }),
    ...(p95Seconds === undefined ? {} : { p95Milliseconds: Math.min(slowest, 1000 * p95Seconds) }),
  };
}

/** Matches these pods and no others. */
export function podsNamed(names: readonly string[]): string {
  // Without any pod nothing is to match. Within a PromQL string a backslash is written twice.
  return names.length === 0 ? "-" : names.map((name) => name.replaceAll(".", "\\\\.")).join("|");
}

/** What a pod's name begins with is cut to this. https://github.com/kubernetes/apiserver/blob/v0.32.3/pkg/storage/names/generate.go */
const longestBase = 58;
/** A ReplicaSet's name ends in a word of up to so many characters. */
const longestWord = 10;

/**
 * Matches the pods of a Deployment or a Rollout, those that are gone as well: their names end in two words of the controllers, and
 * where the workload's name is long, Kubernetes cuts what the second one comes after. A name has 56 characters at most: of a longer
 * one nothing is left to tell its pods by.
 */
export function podsOfWorkload(workload: string): string {
  const room = longestBase - `${workload}-`.length;
  if (room > longestWord) return `${workload}-[a-z0-9]+-[a-z0-9]{5}`;
  const cut = `[a-z0-9]{${room + 5}}`;
  return room < 2 ? `${workload}-${cut}` : `${workload}-([a-z0-9]{1,${room - 1}}-[a-z0-9]{5}|${cut})`;
}

/** `$pods` stands for what matches pods, `$window` for a duration. */
function filledIn(query: string, pods: string, windowSeconds: number): string {
  return query.replaceAll("$pods", pods).replaceAll("$window", `${windowSeconds}s`);
}

async function answerTo(
  cluster: Cluster,
  metrics: ClusterMetrics,
  query: Readonly<Record<string, string>>,
): Promise<number | undefined> {
  const { status, body } = await cluster.ask(metrics, queryPath, query);
  const answer = record(body);
  if (status === 400 || status === 422)
    throw new Failure(
      "deployment-refused",
      `Prometheus does not understand a query of the target: ${cutText(String(answer["error"]), longestMessage)}`,
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

/** `[1435781451.781, "0.2"]`; NaN says that there was nothing to divide by. Of a counter that began anew a query may make less than nothing. */
function numberIn([, value]: readonly unknown[]): number | undefined {
  const number = typeof value === "string" ? Number(value) : Number.NaN;
  if (value === "+Inf") return most;
  return Number.isFinite(number) ? Math.min(most, Math.max(0, number)) : undefined;
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
