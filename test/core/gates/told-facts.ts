import type { Facts } from "../../../core/gates/facts.ts";
import type { PolicyFinding } from "../../../core/gates/policy-finding.ts";
import { digestOf, now } from "../promotion/promotion-in-review.ts";

/** What is known of a candidate about which no document says anything. */
export function factsOf(over: Partial<Facts> = {}): Facts {
  return {
    factsVersion: 1,
    now,
    now_ns: 0,
    model: { name: "scoring", type: "scoring", version: "2" },
    target: {
      ...{ name: "production", kind: "sagemaker-endpoint", endpoint: "scoring" },
      ...{ instanceType: "ml.m5.large", instanceCount: 1 },
    },
    ...{ artifacts: [], evidence: [], metrics: [], facets: [], schema: [], pii: [], scans: [], measures: [] },
    ...{ plans: [], cards: [], gaps: [], releases: null },
    ...over,
  };
}

/** How a rule came out. */
export function findingOf(over: Partial<PolicyFinding>): PolicyFinding {
  return {
    ...{ rule: "quality.auc", gate: "quality", subject: ["metric", "auc"], status: "passed" },
    ...{ observed: 0.8, required: { min: 0.7 }, where: "q.json#/auc", dryRun: null },
    ...over,
  };
}

/** A release that a candidate is compared with. */
export function releaseOf(version: string, over: Partial<NonNullable<Facts["releases"]>[number]> = {}) {
  return { version, freezeDigest: digestOf(version), deployedAt: now, metrics: [], facets: [], ...over };
}
