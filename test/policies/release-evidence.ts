import type { Instant } from "../../core/encoding/instant.ts";
import type { Sha256 } from "../../core/encoding/sha256.ts";
import type { EarlierRelease } from "../../core/gates/facts.ts";
import { judge } from "../../core/gates/judge.ts";
import type { GateThresholds } from "../../core/gates/thresholds.ts";
import type { EvidenceKind } from "../../core/promotion/freeze-manifest.ts";
import {
  type Candidate,
  change,
  type Document,
  goodCandidate,
  judgedAt,
  judgementOf,
} from "../core/gates/candidate.ts";

/** Everything that the thresholds can ask for beside what is shipped. */
export const thresholds: GateThresholds = {
  modelType: "assistant",
  artifacts: ["model"],
  evidence: [
    "model-quality",
    "bias",
    "unit-tests",
    "data-validation",
    "toxicity",
    "shadow-run",
    "iac-plan",
    "model-card",
  ],
  quality: { auc: { min: 0.7, interval: { min: 0.68 } } },
  fairness: { sex: { DI: { min: 0.8 } } },
  security: {},
  measures: {
    "unit-tests": { failed: { max: 0 }, tests: { min: 1 } },
    "data-validation": { failed: { max: 0 } },
    toxicity: { toxicity_ratio: { max: 0.01, interval: { max: 0.02 } } },
    "shadow-run": { agreement: { min: 0.95 }, psi: { max: 0.2 }, latency_p95_ms: { max: 200 } },
  },
  infrastructure: {
    deletions: 0,
    replacements: 0,
    instances: 4,
    instanceTypes: ["ml.m5.large"],
    keepStateful: true,
    noWildcards: true,
  },
  modelCard: { sections: ["purpose", "limits"], risks: ["low", "medium"] },
  capacity: {
    sizeFactor: 2,
    reserveGib: 1,
    declared: true,
    machine: { memoryGib: 8, accelerators: 0, acceleratorMemoryGib: 0 },
  },
  champion: {
    quality: { auc: { dropAtMost: 0.02 } },
    fairness: { sex: { DI: { ideal: 1, awayAtMost: 0.05 } } },
    releases: 2,
  },
};

export const release = (auc: number, di: number, version = "1.0.0"): EarlierRelease => ({
  version,
  freezeDigest: "c".repeat(64) as Sha256,
  deployedAt: "2026-10-01T00:00:00.000Z" as Instant,
  metrics: [{ name: "auc", value: auc, where: "q#/metrics/auc" }],
  facets: [{ facet: "sex", group: "female", metric: "DI", value: di, where: "b#/facets/sex/metrics/DI" }],
});

export const contents = {
  "model-quality": { metrics: { auc: 0.78 }, intervals95: { auc: { lower: 0.7, upper: 0.86 } } },
  bias: { facets: { sex: { disadvantaged: "female", metrics: { DI: 0.95 } } } },
  "unit-tests": { metrics: { tests: 40, failed: 0 } },
  "data-validation": { metrics: { expectations: 12, failed: 0 } },
  toxicity: { metrics: { toxicity_ratio: 0.004 }, intervals95: { toxicity_ratio: { lower: 0.002, upper: 0.008 } } },
  "shadow-run": { metrics: { agreement: 0.98, psi: 0.05, latency_p95_ms: 120 } },
  "iac-plan": {
    format_version: "1.2",
    resource_changes: [
      change("aws_sagemaker_endpoint_configuration", "create", {
        production_variants: [{ instance_type: "ml.m5.large", initial_instance_count: 2 }],
      }),
    ],
  },
  "model-card": {
    sections: { purpose: "Answers questions.", limits: "English only." },
    risk: "low",
    needs: { memory_gib: 3, accelerators: 0, accelerator_memory_gib: 0 },
  },
} as const satisfies Partial<Record<EvidenceKind, unknown>>;
export type Kind = keyof typeof contents;

export function candidate(changes: Partial<Record<Kind, unknown>> = {}): Candidate {
  const documents = Object.entries({ ...contents, ...changes }).map(([kind, content]): [string, Document] => [
    `${kind}.json`,
    { kind: kind as Kind, format: kind === "iac-plan" ? "terraform-plan" : "plain", content },
  ]);
  return {
    ...goodCandidate,
    type: "assistant",
    documents: Object.fromEntries(documents),
    releases: [release(0.79, 0.97)],
  };
}

export function report(from: Candidate, asked: GateThresholds = thresholds, now = judgedAt) {
  return judge({ ...judgementOf(from), thresholds: asked, now }).report;
}

/** Rule → sentence of what did not pass. */
export function open(from: Candidate, asked = thresholds, now = judgedAt): Readonly<Record<string, string>> {
  const { findings } = report(from, asked, now);
  return Object.fromEntries(
    findings.flatMap(({ rule, status, sentence }) => (status === "passed" ? [] : [[rule, `${status}: ${sentence}`]])),
  );
}

export const plan = (...resource_changes: readonly unknown[]) =>
  candidate({ "iac-plan": { format_version: "1.2", resource_changes } });
export const unit = (metrics: object) => candidate({ "unit-tests": { metrics } });
export const card = (changes: object) => candidate({ "model-card": { ...contents["model-card"], ...changes } });
