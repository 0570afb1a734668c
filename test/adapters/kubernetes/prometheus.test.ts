import { expect, it } from "vitest";
import type { Cluster } from "../../../adapters/kubernetes/cluster.ts";
import { measuredIn } from "../../../adapters/kubernetes/prometheus.ts";
import { mock } from "../../functions/mock.ts";

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
  const metrics = {
    namespace: "monitoring",
    service: "prometheus",
    port: 9090,
    requests: "requests($pods)[$window]",
    errors: "errors($pods)[$window]",
    p95Seconds: "p95($pods)[$window]",
  } as const;
  expect(await measuredIn(cluster, metrics, { pods: "scorer-.*", windowSeconds: 60 })).toEqual({
    requests: 3,
    errors: 3,
    p95Milliseconds: 3000,
  });
  expect(asked).toEqual(["requests(scorer-.*)[60s]", "errors(scorer-.*)[60s]", "p95(scorer-.*)[60s]"]);
});
