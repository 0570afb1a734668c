import { describe, expect, it } from "vitest";
import type { Cluster } from "../../../adapters/kubernetes/cluster.ts";
import { measuredIn, podsOfWorkload } from "../../../adapters/kubernetes/prometheus.ts";
import { whyBeyond } from "../../../core/deployment/measured-bounds.ts";
import { canonicalJson } from "../../../core/encoding/canonical-json.ts";
import { mock } from "../../functions/mock.ts";

const metrics = {
  namespace: "monitoring",
  service: "prometheus",
  port: 9090,
  requests: "requests($pods)[$window]",
  errors: "errors($pods)[$window]",
  p95Seconds: "p95($pods)[$window]",
} as const;

it.each<[string, string, string, string, object, string | undefined]>([
  [
    "infinitely slow answers are slower than any bound",
    ...(["10", "0", "+Inf", { requests: 10, errors: 0, p95Milliseconds: 1e12 }] as const),
    "took more than 1000000000000 ms for 5 of 100 answers, and 200 is the most",
  ],
  [
    "more errors than anybody counts are beyond any bound",
    ...(["10", "+Inf", "0.1", { requests: 10, errors: Number.MAX_SAFE_INTEGER, p95Milliseconds: 100 }] as const),
    "answered 90100000000000000 percent of its requests with an error, and 1 is the most",
  ],
  [
    "less than nothing is nothing",
    ...(["10", "-0.4", "-1", { requests: 10, errors: 0, p95Milliseconds: 0 }] as const),
    undefined,
  ],
  [
    "what cannot be told is not there",
    "10",
    "NaN",
    "-Inf",
    { requests: 10 },
    "answered requests, and nobody measured how fast",
  ],
])("%s, and what was measured can be recorded", async (_, requests, errors, p95, expected, why) => {
  const cluster = mock<Cluster>("cluster", {
    ask: async (_metrics, _path, { query = "" }) => {
      const value = query.startsWith("requests") ? requests : query.startsWith("errors") ? errors : p95;
      return { status: 200, body: { status: "success", data: { resultType: "scalar", result: [0, value] } } };
    },
  });
  const measured = await measuredIn(cluster, metrics, { pods: "scorer-.*", windowSeconds: 60 });
  expect(measured).toEqual(expected);
  expect(JSON.parse(canonicalJson({ ...measured }))).toEqual(expected);
  expect(whyBeyond({ errorPercent: 1, p95Milliseconds: 200 }, measured)).toBe(why);
});

it("asks all of a target's queries at once: one after the other they would take a slow Prometheus three times as long", async () => {
  const asked: string[] = [];
  const all = Promise.withResolvers<void>();
  const cluster = mock<Cluster>("cluster", {
    ask: async (_metrics, _path, query) => {
      asked.push(String(query["query"]));
      if (asked.length === 3) all.resolve();
      await all.promise;
      return { status: 200, body: { status: "success", data: { resultType: "scalar", result: [0, "3"] } } };
    },
  });
  expect(await measuredIn(cluster, metrics, { pods: "scorer-.*", windowSeconds: 60 })).toEqual({
    requests: 3,
    errors: 3,
    p95Milliseconds: 3000,
  });
  expect(asked).toEqual(["requests(scorer-.*)[60s]", "errors(scorer-.*)[60s]", "p95(scorer-.*)[60s]"]);
});

/** As Kubernetes names a pod of a workload: https://github.com/kubernetes/apiserver/blob/v0.32.3/pkg/storage/names/generate.go */
function podOf(workload: string, hash: string): string {
  return `${`${workload}-${hash}-`.slice(0, 58)}x7k2p`;
}

describe("the pods of a workload whose name has", () => {
  it.each(Array.from({ length: 56 }, (_, before) => before + 1))("%i characters are known by theirs", (length) => {
    const workload = "m".repeat(length);
    const pods = new RegExp(`^(?:${podsOfWorkload(workload)})$`);
    for (const hash of ["6c5f8d7b94", "6c5f8d7b9", "6c5f8d7b", "6c5f8d", "6"]) {
      expect(podOf(workload, hash)).toMatch(pods);
      if (length > 49) continue;
      // What runs in shadow of it is measured by itself.
      expect(podOf(`${workload}-shadow`, hash)).not.toMatch(pods);
      expect(podOf(`${workload}-shadow`, hash)).toMatch(new RegExp(`^(?:${podsOfWorkload(`${workload}-shadow`)})$`));
      expect(podOf(workload, hash)).not.toMatch(new RegExp(`^(?:${podsOfWorkload(`${workload}-shadow`)})$`));
    }
  });
});
