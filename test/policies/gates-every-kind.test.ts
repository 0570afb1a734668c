import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { GateReport } from "../../core/gates/gate-report.ts";
import { judge } from "../../core/gates/judge.ts";
import type { DryRun, GateThresholds } from "../../core/gates/thresholds.ts";
import { type EvidenceKind, evidenceKinds } from "../../core/promotion/freeze-manifest.ts";
import { type Candidate, type Document, documents, goodCandidate, judgementOf } from "../core/gates/candidate.ts";

const plain = (kind: EvidenceKind, content: unknown): Document => ({ kind, format: "plain", content });

/** A report of every kind that there is, each good: a new kind has to be added here. */
const good: Readonly<Record<EvidenceKind, Document>> = {
  "model-quality": documents["model-quality.json"],
  bias: documents["bias.json"],
  explainability: documents["explainability.json"],
  "data-schema": documents["data-schema.json"],
  toxicity: plain("toxicity", { metrics: { toxicity_ratio: 0.004 } }),
  "security-scan": documents["security-scan.json"],
  "shadow-run": plain("shadow-run", { metrics: { agreement: 0.98 } }),
  "iac-plan": documents["iac-plan.json"],
  "unit-tests": documents["unit-tests.xml"],
  "data-validation": plain("data-validation", { metrics: { failed: 0 } }),
  "model-card": plain("model-card", { sections: { purpose: "Answers." }, risk: "low" }),
  "policy-check": plain("policy-check", { metrics: { warnings: 0 }, changes: ["New: a rule."] }),
  drift: { kind: "drift", format: "report", content: "nothing moved" },
};

const thresholds: GateThresholds = {
  modelType: "assistant",
  artifacts: ["model"],
  evidence: evidenceKinds,
  quality: { auc: { min: 0.7 } },
  fairness: { sex: { DI: { min: 0.8 } } },
  data: { maximumViolations: 0, allowedPii: [] },
  security: { critical: 0 },
  measures: {
    "unit-tests": { failed: { max: 0 } },
    "data-validation": { failed: { max: 0 } },
    toxicity: { toxicity_ratio: { max: 0.01 } },
    "shadow-run": { agreement: { min: 0.95 } },
  },
  infrastructure: { deletions: 0 },
  modelCard: { sections: ["purpose"] },
};

/** What may become of a report: nothing, it says nothing, it is of no format at all, or what it says is too little. */
const flaws = ["good", "good", "empty", "garbled", "worse"] as const;
type Flaw = (typeof flaws)[number];
const worse: Partial<Record<EvidenceKind, unknown>> = {
  "model-quality": { metrics: { auc: 0.5 } },
  "shadow-run": { metrics: { agreement: 0.1 } },
  toxicity: { metrics: { toxicity_ratio: 0.9 } },
  "data-validation": { metrics: { failed: 4 } },
  "security-scan": { counts: { critical: 3, high: 0, medium: 0, low: 0 } },
};

function flawed(kind: EvidenceKind, flaw: Flaw): Document {
  switch (flaw) {
    case "good":
      return good[kind];
    case "empty":
      return { ...good[kind], content: {} };
    case "garbled":
      return { ...good[kind], content: '{"metrics": ' };
    case "worse":
      return { ...good[kind], content: worse[kind] ?? good[kind].content };
    default:
      return flaw satisfies never;
  }
}

function candidateOf(reports: ReadonlyMap<EvidenceKind, Document>): Candidate {
  const named = [...reports].map(([kind, document]): [string, Document] => [`${kind}.report`, document]);
  return { ...goodCandidate, type: "assistant", documents: Object.fromEntries(named) };
}

function report(reports: ReadonlyMap<EvidenceKind, Document>, dryRun: readonly DryRun[] = []): GateReport {
  return judge({ ...judgementOf(candidateOf(reports)), thresholds: { ...thresholds, dryRun } }).report;
}

const until = "2027-01-01T00:00:00.000Z" as DryRun["until"];
/** Rules over what reports say may be on trial; that the report is there at all is then still asked for. */
const trials = fc.subarray(["quality", "fairness", "data", "security", "unit-tests", "toxicity", "shadow-run", "iac"]);
const reports = fc
  .tuple(...evidenceKinds.map((kind) => fc.constantFrom(...flaws).map((flaw) => [kind, flawed(kind, flaw)] as const)))
  .map((each) => new Map<EvidenceKind, Document>(each));

describe("evidence of every kind that there is", () => {
  it("passes where each report is there and good", () => {
    expect(report(new Map(evidenceKinds.map((kind) => [kind, good[kind]]))).outcome).toBe("passed");
  });

  it("never passes for want of a report that is required, whatever the others say and whichever rules are on trial", () => {
    const removed = fc.subarray([...evidenceKinds], { minLength: 1 });
    fc.assert(
      fc.property(reports, removed, trials, (from, without, onTrial) => {
        const left = new Map([...from].filter(([kind]) => !without.includes(kind)));
        const { outcome, findings } = report(
          left,
          onTrial.map((rule) => ({ rule, until })),
        );
        expect(outcome).toBe("blocked");
        const missing = findings.filter(({ status }) => status !== "passed").map(({ rule }) => rule);
        expect(missing).toEqual(expect.arrayContaining(without.map((kind) => `evidence.${kind}`)));
      }),
      { numRuns: 60 },
    );
  });

  it.each(evidenceKinds)("blocks for want of the report about %s alone", (kind) => {
    const { outcome, findings } = report(
      new Map(evidenceKinds.flatMap((each) => (each === kind ? [] : [[each, good[each]]]))),
    );
    expect(outcome).toBe("blocked");
    expect(findings.find(({ rule }) => rule === `evidence.${kind}`)).toMatchObject({ status: "missing" });
  });
});
