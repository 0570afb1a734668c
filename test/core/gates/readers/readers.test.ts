import { describe, expect, it } from "vitest";
import { utf8 } from "../../../../core/encoding/bytes.ts";
import type { EvidenceFacts } from "../../../../core/gates/facts.ts";
import { evidenceReaders, readerFor } from "../../../../core/gates/readers/registry.ts";
import type { EvidenceKind } from "../../../../core/promotion/freeze-manifest.ts";

function reading(kind: EvidenceKind, format: string, document: unknown) {
  const reader = readerFor(kind, format);
  if (reader === undefined) throw new Error(`no reader for ${kind} ${format}`);
  return reader.read(utf8(JSON.stringify(document)), "doc.json");
}

function facts(kind: EvidenceKind, format: string, document: unknown): EvidenceFacts {
  const result = reading(kind, format, document);
  if (result.kind === "unreadable") throw new Error(`${result.where}: ${result.sentence}`);
  return result.facts;
}

describe("the registry", () => {
  it("has one reader for each kind and format", () => {
    const names = evidenceReaders.map(({ kind, format }) => `${kind}/${format}`);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(evidenceReaders.map((reader) => [`${reader.kind}/${reader.format}`, reader] as const))(
    "%s finds nothing in documents of another shape, and never throws",
    (_name, reader) => {
      for (const text of [
        "null",
        "1",
        '"text"',
        "[]",
        "{}",
        '{"metrics":[]}',
        '{"facets":{"sex":1}}',
        "{",
        '{"runs":{}}',
      ]) {
        const result = reader.read(utf8(text), "doc.json");
        if (result.kind === "unreadable") expect(result).toMatchObject({ where: expect.stringMatching(/^doc\.json#/) });
        else
          expect([
            ...(result.facts.metrics ?? []),
            ...(result.facts.facets ?? []),
            ...(result.facts.scans ?? []),
          ]).toEqual([]);
      }
    },
  );
});

describe("SageMaker model quality", () => {
  // Abridged from the documentation: sagemaker/latest/dg/model-monitor-model-quality-metrics.html
  const published = {
    binary_classification_metrics: {
      confusion_matrix: { "0": { "0": 1, "1": 2 }, "1": { "0": 0, "1": 1 } },
      recall: { value: 1.0, standard_deviation: "NaN" },
      accuracy: { value: 0.5, standard_deviation: "NaN" },
      receiver_operating_characteristic_curve: { false_positive_rates: [0, 1], true_positive_rates: [0.25, 1] },
      precision_recall_curve: { precisions: [1.0, 0.9], recalls: [0.0, 0.25] },
      auc: { value: 1.0, standard_deviation: "NaN" },
      f0_5: { value: 0.38, standard_deviation: "NaN" },
    },
  };

  it("reads each metric's value, where it stands, and no standard deviation", () => {
    const read = facts("model-quality", "sagemaker-model-quality", published);
    expect(read.metrics).toContainEqual({
      name: "auc",
      value: 1,
      where: "doc.json#/binary_classification_metrics/auc/value",
    });
    expect(read.metrics?.map(({ name }) => name)).toEqual(["recall", "accuracy", "auc", "f0_5"]);
    expect(read.gaps).toEqual([]);
    expect(read.curve).toEqual([
      { precision: 1, recall: 0 },
      { precision: 0.9, recall: 0.25 },
    ]);
  });

  it("reads regression metrics as well", () => {
    const read = facts("model-quality", "sagemaker-model-quality", { regression_metrics: { mae: { value: 0.37 } } });
    expect(read.metrics).toEqual([{ name: "mae", value: 0.37, where: "doc.json#/regression_metrics/mae/value" }]);
  });

  it("leaves a value of the text NaN missing", () => {
    const read = facts("model-quality", "sagemaker-model-quality", {
      binary_classification_metrics: { auc: { value: "NaN" }, f1: 0.5 },
    });
    expect(read.metrics).toEqual([]);
    expect(read.gaps).toEqual([
      {
        subject: ["metric", "auc"],
        where: "doc.json#/binary_classification_metrics/auc/value",
        why: 'is the text "NaN"',
      },
      { subject: ["metric", "f1"], where: "doc.json#/binary_classification_metrics/f1/value", why: "is absent" },
    ]);
  });
});

describe("plain model quality", () => {
  it("reads numbers with their intervals, under names of one spelling", () => {
    const read = facts("model-quality", "plain", {
      metrics: { auc: 0.8, brierScore: 0.16, f0_5: 0.7 },
      intervals95: { auc: { method: "Hanley-McNeil", lower: 0.74, upper: 0.85 } },
      precisionRecall: [
        { threshold: 0.9, precision: 1, recall: 0.1 },
        { precision: "?", recall: 1 },
      ],
    });
    expect(read.metrics).toEqual([
      { name: "auc", value: 0.8, where: "doc.json#/metrics/auc", interval: { low: 0.74, high: 0.85, level: 0.95 } },
      { name: "brier_score", value: 0.16, where: "doc.json#/metrics/brierScore" },
      { name: "f0_5", value: 0.7, where: "doc.json#/metrics/f0_5" },
    ]);
    expect(read.curve).toEqual([{ threshold: 0.9, precision: 1, recall: 0.1 }]);
    expect(read.operatingPoints).toEqual([]);
  });

  it("reads where the model would answer, and bins of probabilities that have rows", () => {
    const read = facts("model-quality", "plain", {
      threshold: 0.5,
      metrics: { precision: 0.8, recall: 0.9 },
      calibration: [
        { from: 0, to: 0.1, count: 0 },
        { from: 0.1, to: 0.2, count: 3, predicted: 0.15, observed: 0.2 },
      ],
    });
    expect(read.operatingPoints).toEqual([{ threshold: 0.5, precision: 0.8, recall: 0.9 }]);
    expect(read.calibration).toEqual([{ predicted: 0.15, observed: 0.2, count: 3 }]);
    const without = facts("model-quality", "plain", { metrics: { recall: 0.9 }, calibration: "good" });
    expect([without.operatingPoints, without.calibration]).toEqual([[], []]);
  });
});

describe("Clarify bias", () => {
  const metric = (name: string, value: unknown) => ({ name, description: name, value });
  const analysis = (metrics: readonly unknown[]) => ({
    post_training_bias_metrics: {
      label: "target",
      label_value_or_threshold: "1",
      facets: { sex: [{ value_or_threshold: "1", metrics }] },
    },
  });

  it("tells metrics apart by name and not by their order", () => {
    for (const metrics of [
      [metric("DI", 0.7), metric("DPPL", 0.1)],
      [metric("DPPL", 0.1), metric("DI", 0.7)],
    ]) {
      const found = facts("bias", "clarify-analysis", analysis(metrics)).facets?.find((one) => one.metric === "DI");
      expect(found).toMatchObject({ facet: "sex", group: "1", value: 0.7 });
    }
  });

  it("gives the place of each value", () => {
    expect(facts("bias", "clarify-analysis", analysis([metric("DI", 0.7)])).facets?.[0]?.where).toBe(
      "doc.json#/post_training_bias_metrics/facets/sex/0/metrics/0/value",
    );
  });

  it.each([["Infinity"], [null], [undefined]])("leaves a value of %s missing", (value) => {
    const read = facts("bias", "clarify-analysis", analysis([metric("DI", value)]));
    expect(read.facets).toEqual([]);
    expect(read.gaps).toMatchObject([{ subject: ["facet", "sex", "DI"] }]);
  });

  it("is unreadable where only the training labels were measured", () => {
    expect(reading("bias", "clarify-analysis", { pre_training_bias_metrics: { facets: {} } })).toMatchObject({
      kind: "unreadable",
      sentence: expect.stringMatching(/post_training_bias_metrics is not in it/),
    });
  });
});

describe("explainability", () => {
  it("reads Clarify's global SHAP values", () => {
    const document = {
      explanations: { kernel_shap: { label0: { global_shap_values: { a: 0.2, b: -0.1 }, expected_value: 0.5 } } },
    };
    expect(facts("explainability", "clarify-analysis", document).attributions).toEqual([
      { feature: "a", value: 0.2 },
      { feature: "b", value: -0.1 },
    ]);
  });

  it("is unreadable where a feature has no number", () => {
    expect(reading("explainability", "plain", { globalImportance: { a: 0.2, b: "NaN" } })).toEqual({
      kind: "unreadable",
      where: "doc.json#/globalImportance/b",
      sentence: 'A number is expected; it is the text "NaN".',
    });
  });
});

describe("plain data schema", () => {
  const good = {
    valid: true,
    violations: [],
    pii: { found: false, columns: [] },
    columns: [{ name: "Age", pii: false }],
  };

  it("reads violations and flagged columns", () => {
    expect(facts("data-schema", "plain", good)).toEqual({
      schema: [{ value: 0, where: "doc.json#/violations" }],
      pii: [{ columns: [], where: "doc.json#/pii/columns" }],
      gaps: [],
    });
  });

  it.each([
    ["valid beside violations", { ...good, violations: ["x"] }, "doc.json#/valid"],
    ["found beside no column", { ...good, pii: { found: true, columns: [] } }, "doc.json#/pii/found"],
    [
      "a flagged column that is not listed",
      { ...good, columns: [{ name: "email", pii: true }] },
      "doc.json#/columns/0/pii",
    ],
    ["no list of violations", { pii: good.pii }, "doc.json#/violations"],
    ["violations that are a number", { ...good, violations: 0 }, "doc.json#/violations"],
  ])("finds a gap where the report has %s", (_name, document, where) => {
    expect(facts("data-schema", "plain", document).gaps).toMatchObject([{ where }]);
  });
});
