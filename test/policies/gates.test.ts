import { describe, expect, it } from "vitest";
import type { Sha256 } from "../../core/encoding/sha256.ts";
import {
  type Candidate,
  complaints,
  documents,
  facet,
  goodCandidate,
  reportOf,
  saying,
} from "../core/gates/candidate.ts";

const quality = (metrics: Record<string, unknown>) =>
  saying("model-quality.json", { metrics: { accuracy: 0.76, auc: 0.79, ...metrics } });
const bias = (sex: Record<string, unknown>) =>
  saying("bias.json", { facets: { sex: facet("female", sex), age: facet("under 25", {}) } });
const data = (content: Record<string, unknown>) =>
  saying("data-schema.json", { violations: [], pii: { columns: [] }, ...content });
const scan = (counts: Record<string, unknown>) =>
  saying("security-scan.json", { counts: { critical: 0, high: 0, medium: 0, low: 0, ...counts } });
const other = "b".repeat(64) as Sha256;

describe("the shipped gates", () => {
  it("let a good candidate pass, and say why", () => {
    const report = reportOf(goodCandidate);
    expect(report.outcome).toBe("passed");
    expect(report.findings.map(({ status }) => status)).not.toContain("failed");
    expect(report.findings.find(({ rule }) => rule === "quality.auc")).toEqual({
      rule: "quality.auc",
      title: "AUC",
      status: "passed",
      observed: 0.79,
      required: { min: 0.72 },
      where: "model-quality.json#/metrics/auc",
      sentence: "AUC is 0.79; at least 0.72 is required.",
    });
  });

  it("let a value on its bound pass", () => {
    expect(complaints(quality({ auc: 0.72 }))).toEqual({});
  });

  it.each<[string, Candidate, Record<string, string>]>([
    [
      "an AUC below its floor",
      quality({ auc: 0.61 }),
      { "quality.auc": "failed: AUC is 0.61; at least 0.72 is required." },
    ],
    [
      "an AUC just below its floor, without rounding it up",
      quality({ auc: 0.71996 }),
      { "quality.auc": "failed: AUC is 0.71996; at least 0.72 is required." },
    ],
    [
      "an accuracy below its floor",
      quality({ accuracy: 0.5 }),
      { "quality.accuracy": "failed: Accuracy is 0.5; at least 0.72 is required." },
    ],
    [
      "a group that is accepted too rarely",
      bias({ DI: 0.7 }),
      {
        "fairness.sex.DI":
          "failed: Disparate impact (DI) for sex (group female) is 0.7; between 0.8 and 1.25 is required.",
      },
    ],
    [
      "a group that is accepted too often",
      bias({ DPPL: -0.3 }),
      {
        "fairness.sex.DPPL":
          "failed: Difference in the share of positive answers (DPPL) for sex (group female) is -0.3; between -0.15 and 0.15 is required.",
      },
    ],
    [
      "training data that breaks its schema",
      data({ violations: ["Age: 3 values are missing", "Amount: is category"] }),
      { "data.schema": "failed: The training data has 2 schema violations; none is allowed." },
    ],
    [
      "personal data in the training data",
      data({ pii: { columns: ["email", "name"] } }),
      { "data.pii": "failed: Columns of the training data are flagged as personal data: email, name; none may be." },
    ],
    [
      "a critical finding of the scan",
      scan({ critical: 1 }),
      { "security.critical": "failed: The security scan has 1 critical finding; none is allowed." },
    ],
    [
      "too many high findings",
      scan({ high: 6 }),
      { "security.high": "failed: The security scan has 6 high findings; at most 5 are allowed." },
    ],
    [
      "an artifact whose bytes are not the declared ones",
      { ...goodCandidate, computed: { "model.json": other } },
      {
        "digest.model.json": expect.stringMatching(
          /^failed: model\.json has the digest bbbbbbbbbbbb…; .* was declared\.$/,
        ),
      },
    ],
    [
      "an artifact without bytes",
      { ...goodCandidate, computed: { "model.json": null } },
      { "digest.model.json": expect.stringMatching(/^missing: model\.json has no bytes to hash/) },
    ],
    [
      "no artifact of a required role",
      { ...goodCandidate, artifacts: { "model.json": "model", "e.json": "environment", "i.json": "infrastructure" } },
      { "artifact.training-data": "missing: No artifact has the role 'training-data'; at least one is required." },
    ],
  ])("block %s", (_name, candidate, expected) => {
    expect(reportOf(candidate).outcome).toBe("blocked");
    expect(complaints(candidate)).toEqual(expected);
  });

  it("block an unknown model type", () => {
    expect(complaints({ ...goodCandidate, type: "fraud" })).toEqual({
      "policy.applies":
        "missing: No thresholds are set for the model type 'fraud' in the target 'production', so nothing can be judged.",
    });
  });

  it("judge a recommendation model by thresholds of its own", () => {
    const recommendation = { ...quality({ auc: 0.66 }), type: "recommendation" };
    expect(complaints(recommendation)).toEqual({});
  });

  it("hold every document to the bound when two give the same metric", () => {
    const second = { kind: "model-quality", format: "plain", content: { metrics: { auc: 0.6 } } } as const;
    expect(complaints({ ...goodCandidate, documents: { ...documents, "again.json": second } })).toEqual({
      "quality.auc": "failed: AUC is 0.6; at least 0.72 is required.",
    });
  });
});

describe("what is missing blocks", () => {
  const notNumbers: readonly [string, unknown, string][] = [
    ["the text NaN", "NaN", 'is the text "NaN"'],
    ["null", null, "is null"],
    ["a text that looks like a number", "0.9", 'is the text "0.9"'],
    ["true", true, "is true"],
    ["a list", [0.9], "is a list"],
    ["an object", { value: 0.9 }, "is an object"],
  ];

  it.each(notNumbers)("as %s in the place of a quality metric", (_name, value, clause) => {
    expect(complaints(quality({ auc: value }))).toEqual({
      "quality.auc": `missing: AUC cannot be judged (model-quality.json#/metrics/auc ${clause}); at least 0.72 is required.`,
    });
  });

  it.each(notNumbers)("as %s in the place of a fairness metric", (_name, value, clause) => {
    expect(complaints(bias({ DI: value }))["fairness.sex.DI"]).toBe(
      `missing: Disparate impact (DI) for sex cannot be judged (bias.json#/facets/sex/metrics/DI ${clause}); between 0.8 and 1.25 is required.`,
    );
  });

  it.each(notNumbers)("as %s in the place of a count of the scan", (_name, value, clause) => {
    expect(complaints(scan({ critical: value }))["security.critical"]).toContain(clause);
  });

  it.each<[string, Candidate, readonly string[]]>([
    ["every metric", saying("model-quality.json", { metrics: {} }), ["quality.accuracy", "quality.auc"]],
    [
      "a whole facet",
      saying("bias.json", { facets: { sex: facet("female", {}) } }),
      ["fairness.age.DI", "fairness.age.DPPL", "fairness.age.RD"],
    ],
    ["the list of violations", saying("data-schema.json", { pii: { columns: [] } }), ["data.schema"]],
    ["the flags of personal data", saying("data-schema.json", { violations: [] }), ["data.pii"]],
    [
      "the counts of the scan",
      saying("security-scan.json", { counts: { medium: 0, low: 0 } }),
      ["security.critical", "security.high"],
    ],
    [
      "features in the explanation",
      saying("explainability.json", { globalImportance: {} }),
      ["evidence.explainability"],
    ],
  ])("when %s is absent", (_name, candidate, rules) => {
    expect(reportOf(candidate).outcome).toBe("blocked");
    expect(Object.keys(complaints(candidate)).toSorted()).toEqual(rules.toSorted());
  });

  it("when one of two documents has no number for a metric", () => {
    const second = { kind: "model-quality", format: "plain", content: { metrics: { auc: "NaN" } } } as const;
    const candidate = { ...goodCandidate, documents: { "a.json": second, ...documents } };
    expect(complaints(candidate)["quality.auc"]).toContain('a.json#/metrics/auc is the text "NaN"');
  });

  it.each([
    ["bare NaN", '{"metrics":{"auc":NaN}}', /metrics\/auc cannot be read: NaN is not a number in JSON/],
    [
      "a name given twice",
      '{"metrics":{"auc":0.5,"auc":0.9}}',
      /metrics\/auc cannot be read: The name "auc" is given twice/,
    ],
    ["half a document", '{"metrics":', /cannot be read: The document ends too early/],
    ["no object", "[]", /cannot be read: An object is expected/],
  ])("when a document is unreadable: %s", (_name, content, sentence) => {
    const found = complaints(saying("model-quality.json", content));
    expect(found["evidence.model-quality"]).toMatch(sentence);
    expect(Object.keys(found)).toEqual(["quality.accuracy", "quality.auc", "evidence.model-quality"]);
  });

  it("when the format of required evidence is one that nobody reads", () => {
    const unknown = { ...documents["bias.json"], format: "fax" };
    const found = complaints({ ...goodCandidate, documents: { ...documents, "bias.json": unknown } });
    expect(found["evidence.bias"]).toBe(
      "failed: The bias evidence bias.json cannot be read: No reader understands bias in the format 'fax'.",
    );
  });
});
