import { describe, expect, it } from "vitest";
import { canonicalJson } from "../../../core/encoding/canonical-json.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import type { Sha256 } from "../../../core/encoding/sha256.ts";
import { evidenceSummary } from "../../../core/gates/evidence-summary.ts";
import { judge } from "../../../core/gates/judge.ts";
import { type Candidate, documents, facet, goodCandidate, judgementOf, manifestOf, saying } from "./candidate.ts";

function summaryOf(candidate: Candidate) {
  return evidenceSummary({ manifest: manifestOf(candidate), ...judge(judgementOf(candidate)) });
}

describe("evidenceSummary", () => {
  it("gives each judged metric its bound and its margin", () => {
    const { quality, fairness } = summaryOf(goodCandidate);
    expect(quality).toEqual([
      {
        title: "Accuracy",
        value: 0.76,
        where: "model-quality.json#/metrics/accuracy",
        bound: { min: 0.72 },
        margin: 0.04,
      },
      { title: "AUC", value: 0.79, where: "model-quality.json#/metrics/auc", bound: { min: 0.72 }, margin: 0.07 },
    ]);
    expect(fairness[0]).toMatchObject({
      facet: "sex",
      group: "female",
      metric: "DI",
      bound: { min: 0.8, max: 1.25 },
      margin: 0.15,
    });
  });

  it("has nothing to remark on a good candidate", () => {
    expect(summaryOf(goodCandidate).attention).toEqual([]);
  });

  it("is canonical JSON and the same every time", () => {
    expect(canonicalJson(summaryOf(goodCandidate))).toBe(canonicalJson(summaryOf(goodCandidate)));
  });

  it("puts what failed and what is missing first", () => {
    const candidate = saying("model-quality.json", { metrics: { auc: 0.61, accuracy: "NaN", brierScore: null } });
    expect(summaryOf(candidate).attention).toEqual([
      {
        kind: "missing",
        sentence:
          'Accuracy cannot be judged (model-quality.json#/metrics/accuracy is the text "NaN"); at least 0.72 is required.',
        where: "model-quality.json#/metrics/accuracy",
      },
      { kind: "failed", sentence: "AUC is 0.61; at least 0.72 is required.", where: "model-quality.json#/metrics/auc" },
      {
        kind: "unusual",
        sentence: "metric brier_score is null, and no rule needs it.",
        where: "model-quality.json#/metrics/brierScore",
      },
    ]);
  });

  it.each<[string, Candidate, string]>([
    [
      "a confidence interval that reaches below the floor",
      saying("model-quality.json", {
        metrics: { auc: 0.76, accuracy: 0.8 },
        intervals95: { auc: { lower: 0.709, upper: 0.82 } },
      }),
      "The 95 % interval of AUC is 0.709 to 0.82: it reaches below the required 0.72.",
    ],
    [
      "a model no better than a constant answer",
      saying("model-quality.json", { metrics: { auc: 0.8, accuracy: 0.75, accuracyBestConstant: 0.75 } }),
      "The model is no better than always giving the most frequent answer (0.75): its accuracy is 0.75.",
    ],
    [
      "documents that disagree",
      {
        ...goodCandidate,
        documents: {
          ...documents,
          "b.json": { kind: "model-quality", format: "plain", content: { metrics: { auc: 0.9 } } },
        },
      },
      "The documents disagree about AUC: 0.79 and 0.9.",
    ],
    [
      "high findings that the rules allow",
      saying("security-scan.json", { counts: { critical: 0, high: 2, medium: 0, low: 0 } }),
      "The security scan has 2 high; the rules allow it.",
    ],
    [
      "one feature that decides nearly everything",
      saying("explainability.json", { globalImportance: { Amount: 0.1, Postcode: 0.9, Age: 0.1 } }),
      "One feature, Postcode, accounts for 82 % of what moves the answers.",
    ],
    [
      "a document that nobody needs and nobody can read",
      { ...goodCandidate, documents: { ...documents, "t.json": { kind: "toxicity", format: "fax", content: {} } } },
      "The toxicity document t.json cannot be read, and no rule needs it: No reader understands toxicity in the format 'fax'.",
    ],
  ])("remarks on %s", (_name, candidate, sentence) => {
    expect(summaryOf(candidate).outcome).toBe("passed");
    expect(summaryOf(candidate).attention.map((one) => one.sentence)).toEqual([sentence]);
  });

  it("shows the ten features that weigh most, and a thinned curve with both its ends", () => {
    const features = Object.fromEntries(Array.from({ length: 53 }, (_, index) => [`f${index}`, index / 100]));
    const curve = Array.from({ length: 281 }, (_, index) => ({ precision: 1 - index / 1000, recall: index / 280 }));
    expect(
      summaryOf(saying("explainability.json", { globalImportance: features })).attributions.map((one) => one.feature),
    ).toEqual(["f52", "f51", "f50", "f49", "f48", "f47", "f46", "f45", "f44", "f43"]);
    const metrics = { auc: 0.8, accuracy: 0.8 };
    const shown = summaryOf(saying("model-quality.json", { metrics, precisionRecall: curve })).curve;
    expect(shown).toHaveLength(50);
    expect([shown[0]?.recall, shown.at(-1)?.recall]).toEqual([0, 1]);
  });

  it("shows where on the curve the model would answer and how its probabilities came true, where a report says so", () => {
    const metrics = { auc: 0.8, accuracy: 0.8, precision: 0.7, recall: 0.6 };
    const precisionRecall = [{ precision: 0.7, recall: 0.6 }];
    const bins = Array.from({ length: 30 }, (_, at) => ({ predicted: at / 30, observed: 0.5, count: 1 }));
    const shown = summaryOf(
      saying("model-quality.json", { metrics, precisionRecall, threshold: 0.5, calibration: bins }),
    );
    expect(shown.operatingPoint).toEqual({ precision: 0.7, recall: 0.6, threshold: 0.5 });
    expect(shown.calibration).toHaveLength(20);
    const silent = summaryOf(saying("model-quality.json", { metrics: { auc: 0.8, accuracy: 0.8 } }));
    expect(silent).not.toHaveProperty("operatingPoint");
    expect(silent).not.toHaveProperty("calibration");
  });

  it("says which artifact is not what was declared", () => {
    const { artifacts } = summaryOf({ ...goodCandidate, computed: { "model.json": null } });
    expect(artifacts.filter(({ matches }) => !matches).map(({ name }) => name)).toEqual(["model.json"]);
  });

  it("stays below 100,000 characters whatever the evidence says", () => {
    const long = (index: number) => `${index}${'"\\\u0007'.repeat(200)}`;
    const many = <Value>(count: number, value: Value) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [long(index), value]));
    const facets = { ...many(60, facet(long(0), many(5, 0.5))), sex: facet("d", {}), age: facet("d", {}) };
    const candidate: Candidate = {
      ...goodCandidate,
      documents: {
        ...documents,
        "model-quality.json": { ...documents["model-quality.json"], content: { metrics: many(300, 0.5) } },
        "bias.json": { ...documents["bias.json"], content: { facets } },
        "explainability.json": { ...documents["explainability.json"], content: { globalImportance: many(300, 0.5) } },
        "data-schema.json": {
          ...documents["data-schema.json"],
          content: { violations: [], pii: { columns: Object.keys(many(300, 0)) } },
        },
      },
    };
    const summary = summaryOf(candidate);
    expect(canonicalJson(summary).length).toBeLessThan(100_000);
    expect(summary.fairness.filter(({ bound }) => bound !== undefined)).toHaveLength(6);
    expect(summary.outcome).toBe("blocked");
  });
});

describe("what a candidate brings beside its numbers", () => {
  const releases = [
    {
      version: "1.0.0",
      freezeDigest: "c".repeat(64) as Sha256,
      deployedAt: "2026-10-01T00:00:00.000Z" as Instant,
      metrics: [{ name: "auc", value: 0.77, where: "q" }],
      facets: [],
    },
  ];

  it("is beside the champion's, with the bound that the comparison sets", () => {
    const shown = summaryOf({ ...goodCandidate, releases });
    expect(shown.releases).toEqual([{ version: "1.0.0", deployedAt: "2026-10-01T00:00:00.000Z" }]);
    expect(shown.comparisons).toEqual([
      {
        title: "AUC",
        value: 0.79,
        where: "model-quality.json#/metrics/auc",
        bound: { min: 0.72 },
        margin: 0.07,
        before: 0.77,
      },
    ]);
  });

  it("names the gravest changes of the infrastructure first, and the machines", () => {
    const [plan] = summaryOf(goodCandidate).infrastructure;
    expect(plan).toMatchObject({
      counts: { create: 2, update: 1, replace: 0, delete: 0 },
      more: 0,
      machines: [{ type: "ml.m5.large", count: 2 }],
    });
    expect(plan?.changes.map(({ action }) => action)).toEqual(["update", "create", "create"]);
  });

  it("tells how the unit tests went, against their bounds", () => {
    expect(summaryOf(goodCandidate).measures).toContainEqual({
      kind: "unit-tests",
      title: "Number of failed unit tests",
      value: 0,
      where: "unit-tests.xml#/testsuite",
      bound: { max: 0 },
      margin: 0,
    });
  });
});
