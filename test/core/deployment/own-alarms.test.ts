import { expect, it } from "vitest";
import { ownAlarms } from "../../../adapters/sagemaker/release-config.ts";
import { alarmNamesOf, ownAlarmsOf } from "../../../core/deployment/own-alarms.ts";
import type { Target } from "../../../core/promotion/target.ts";
import type { Release } from "../../../core/promotion/traffic.ts";
import { id } from "../promotion/promotion-in-review.ts";

const own = { errorPercent: 2, p95Milliseconds: 300 };
const weights: Release["traffic"] = { kind: "weights", steps: [{ percent: 5, waitSeconds: 3600 }] };
const allAtOnce: Release["traffic"] = { kind: "all-at-once", waitSeconds: 0 };
const place = { name: "production", endpoint: "credit-scoring" };
const endpoint: Target = { ...place, kind: "sagemaker-endpoint", instanceType: "ml.m5.large", instanceCount: 2 };

it("is named for its promotion, and what it watches; by weights once more for the part beside what ran before", () => {
  expect(ownAlarmsOf(id, { traffic: weights, alarms: { kind: "own", ...own } })).toEqual([
    { name: `countersign-${id}-share-errors`, bound: "errorPercent", limit: 2, beside: true },
    { name: `countersign-${id}-share-latency`, bound: "p95Milliseconds", limit: 300, beside: true },
    { name: `countersign-${id}-errors`, bound: "errorPercent", limit: 2, beside: false },
    { name: `countersign-${id}-latency`, bound: "p95Milliseconds", limit: 300, beside: false },
  ]);
  expect(ownAlarmsOf(id, { traffic: allAtOnce })).toEqual([]);
});

it.each<[string, Release["traffic"], Release["alarms"]]>([
  ["all at once", allAtOnce, { kind: "own", ...own }],
  ["by weights", weights, { kind: "own", p95Milliseconds: 300 }],
  ["beside the organisation's", weights, { kind: "named", names: ["theirs"], own }],
  ["of the organisation's alone", allAtOnce, { kind: "named", names: ["theirs"] }],
])("is made in SageMaker's account under the name by which verification asks for it, %s", (_, traffic, alarms) => {
  const release: Release = { kind: "update", traffic, ...(alarms === undefined ? {} : { alarms }) };
  const made = ownAlarms({ promotion: id, target: endpoint, release }).map(({ name }) => name);
  const organisations = alarms?.kind === "named" ? alarms.names : [];
  expect(alarmNamesOf(id, release)).toEqual([...organisations, ...made]);
});
