import { describe, expect, it } from "vitest";
import type { Instant } from "../../../core/encoding/instant.ts";
import type { GateThresholds } from "../../../core/gates/thresholds.ts";
import { describeGates } from "../../../core/policy/describe-gates.ts";

/** The sentences about one part of the thresholds, beside the one about evidence that is always there. */
function told(over: Partial<GateThresholds>): readonly string[] {
  const [first, ...sentences] = describeGates({
    modelType: "scoring",
    artifacts: [],
    evidence: [],
    quality: {},
    fairness: {},
    security: {},
    ...over,
  });
  expect(first).toMatch(/^Evidence is asked for of /);
  return sentences;
}

describe("describing what the gates ask", () => {
  it("names the kinds of evidence", () => {
    const of = (evidence: GateThresholds["evidence"]) =>
      describeGates({ modelType: "scoring", artifacts: [], evidence, quality: {}, fairness: {}, security: {} });
    expect(of([])).toEqual(["Evidence is asked for of no kind."]);
    expect(of(["bias", "model-quality"])).toEqual(["Evidence is asked for of 'bias' and 'model-quality'."]);
  });

  it("says nothing of what is not asked", () => {
    expect(told({})).toEqual([]);
  });

  it("says the bounds of each metric, in the names that people know", () => {
    expect(told({ quality: { auc: { min: 0.72 }, rmse: { max: 3 }, accuracy: { min: 0.5, max: 0.99 } } })).toEqual([
      "AUC at least 0.72.",
      "Root mean squared error at most 3.",
      "Accuracy between 0.5 and 0.99.",
    ]);
  });

  it("says the bounds for groups, facet by facet", () => {
    expect(
      told({ fairness: { sex: { DI: { min: 0.8, max: 1.25 }, RD: { max: 0.2 } }, age: { DPPL: { min: -0.15 } } } }),
    ).toEqual([
      "For every group of 'sex': Disparate impact (DI) between 0.8 and 1.25; Recall difference (RD) at most 0.2.",
      "For every group of 'age': Difference in the share of positive answers (DPPL) at least -0.15.",
    ]);
  });

  it("says how many violations of the schema there may be, and which columns may be personal", () => {
    expect(told({ data: { maximumViolations: 3, allowedPii: [] } })).toEqual([
      "At most 3 violations of the data's schema; personal data in no column.",
    ]);
    expect(told({ data: { maximumViolations: 0, allowedPii: ["email", "name"] } })).toEqual([
      "At most 0 violations of the data's schema; personal data in 'email' and 'name' only.",
    ]);
  });

  it("says how many findings of each severity there may be", () => {
    expect(told({ security: { critical: 0, high: 5 } })).toEqual([
      "At most 0 critical findings of the security scan.",
      "At most 5 high findings of the security scan.",
    ]);
  });

  it("says the bounds for what other evidence measures", () => {
    expect(told({ measures: { "unit-tests": { failed: { max: 0 } }, toxicity: { insult: { max: 0.1 } } } })).toEqual([
      "Number of failed unit tests at most 0.",
      "toxicity: insult at most 0.1.",
    ]);
  });

  it("says what else is looked at", () => {
    expect(
      told({
        infrastructure: { deletions: 0 },
        modelCard: { sections: ["intended-use", "limits"] },
        capacity: { sizeFactor: 5, reserveGib: 0.5, declared: false },
        champion: { quality: {}, fairness: {}, releases: 1 },
        dryRun: [{ rule: "quality", until: "2026-12-01T00:00:00.000Z" as Instant }],
      }),
    ).toEqual([
      "The infrastructure plan stays within its limits.",
      "The model card has the sections 'intended-use' and 'limits'.",
      "The model fits into the machine that it is to run on.",
      "It is no worse than what runs now, within the slack that the thresholds give.",
      "'quality' is on trial and blocks from 2026-12-01T00:00:00.000Z on.",
    ]);
  });
});
