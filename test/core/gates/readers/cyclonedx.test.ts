import { describe, expect, it } from "vitest";
import { facts, gaps, reading } from "./read.ts";

const bom = (parts: object) => ({ bomFormat: "CycloneDX", specVersion: "1.6", version: 1, ...parts });
const vulnerability = (...ratings: object[]) => ({ id: "CVE-2026-0001", ratings });
const counts = (document: unknown) =>
  Object.fromEntries(
    (facts("security-scan", "cyclonedx", document).scans ?? []).map(({ severity, value }) => [severity, value]),
  );

describe("CycloneDX vulnerabilities", () => {
  it.each([
    ["the worst of several ratings", [{ severity: "low" }, { severity: "high" }], "high"],
    ["no rating at all", [], "critical"],
    ["an unknown severity", [{ severity: "unknown" }], "critical"],
    ["a CVSS score alone", [{ method: "CVSSv31", score: 5.3 }], "medium"],
    ["a score of an unknown method", [{ method: "other", score: 0.1 }], "critical"],
    ["a score without a method", [{ score: 0.1 }], "critical"],
    ["a method without a score", [{ method: "CVSSv31" }], "critical"],
    ["the least critical score", [{ method: "CVSSv31", score: 9 }], "critical"],
    ["the greatest high score", [{ method: "CVSSv4", score: 8.9 }], "high"],
    ["the least high score", [{ method: "CVSSv3", score: 7 }], "high"],
    ["the greatest medium score", [{ method: "CVSSv31", score: 6.9 }], "medium"],
    ["the least medium score", [{ method: "CVSSv31", score: 4 }], "medium"],
    ["the least low score", [{ method: "CVSSv31", score: 0.1 }], "low"],
  ])("count by %s", (_name, ratings, severity) => {
    const none = { critical: 0, high: 0, medium: 0, low: 0 };
    expect(counts(bom({ vulnerabilities: [vulnerability(...ratings)] }))).toEqual({ ...none, [severity]: 1 });
  });

  it("do not count where they are rated as none, and count where nobody rated them", () => {
    const none = { critical: 0, high: 0, medium: 0, low: 0 };
    expect(counts(bom({ vulnerabilities: [vulnerability({ severity: "none" })] }))).toEqual(none);
    expect(counts(bom({ vulnerabilities: [vulnerability({ method: "CVSSv31", score: 0 })] }))).toEqual(none);
    expect(counts(bom({ vulnerabilities: [{ id: "CVE-2026-0002" }] }))).toEqual({ ...none, critical: 1 });
  });

  it("count although an analysis calls them not affected, and not where they are for information", () => {
    const silenced = { ...vulnerability({ severity: "critical" }), analysis: { state: "not_affected" } };
    const found = counts(bom({ vulnerabilities: [silenced, vulnerability({ severity: "info" })] }));
    expect(found).toEqual({ critical: 1, high: 0, medium: 0, low: 0 });
  });

  it.each([
    [
      "an inventory without a list of vulnerabilities",
      bom({ components: [] }),
      "doc#/vulnerabilities",
      "It is an inventory: nobody looked for vulnerabilities.",
    ],
    [
      "another version",
      { ...bom({ vulnerabilities: [] }), specVersion: "1.3" },
      "doc#/specVersion",
      "It is not CycloneDX 1.4, 1.5, 1.6.",
    ],
    ["another format", { vulnerabilities: [] }, "doc#/bomFormat", "It is not CycloneDX in JSON."],
  ])("are not read from %s", (_name, document, where, sentence) => {
    expect(reading("security-scan", "cyclonedx", document)).toEqual({ kind: "unreadable", where, sentence });
  });
});

describe("a CycloneDX ML-BOM", () => {
  const model = (performanceMetrics: readonly unknown[]) =>
    bom({
      specVersion: "1.5",
      components: [
        { type: "library", name: "numpy" },
        {
          type: "machine-learning-model",
          name: "credit-scoring",
          modelCard: {
            modelParameters: { task: "classification" },
            quantitativeAnalysis: { performanceMetrics },
            considerations: { useCases: [] },
          },
        },
      ],
    });

  it("gives metrics as numbers, with their intervals, and none of a slice", () => {
    const document = model([
      { type: "AUC", value: "0.79", confidenceInterval: { lowerBound: "0.74", upperBound: "0.84" } },
      { type: "accuracy", value: "0.9", slice: "under 25" },
    ]);
    expect(facts("model-quality", "cyclonedx", document).metrics).toEqual([
      {
        name: "auc",
        value: 0.79,
        where: "doc#/components/1/modelCard/quantitativeAnalysis/performanceMetrics/0/value",
        interval: { low: 0.74, high: 0.84 },
      },
    ]);
  });

  it.each(["", "about 0.8", "0x1", "Infinity"])("has a gap for the value %j", (value) => {
    expect(gaps(facts("model-quality", "cyclonedx", model([{ type: "auc", value }])))).toEqual([
      expect.stringMatching(
        /^metric\.auc: doc#\/components\/1\/modelCard\/quantitativeAnalysis\/performanceMetrics\/0\/value /,
      ),
    ]);
  });

  it("says which sections of its card are filled", () => {
    expect(facts("model-card", "cyclonedx", model([])).cards?.[0]?.sections).toEqual(["modelParameters"]);
  });

  it.each([{}, { lowerBound: "0.7" }, { upperBound: "0.8" }, { lowerBound: "?", upperBound: "0.8" }])(
    "has no interval between the bounds %j",
    (confidenceInterval) => {
      const document = model([{ type: "auc", value: "0.75", confidenceInterval }]);
      expect(facts("model-quality", "cyclonedx", document).metrics?.[0]).not.toHaveProperty("interval");
    },
  );

  it("may be of the model itself, without a list of components", () => {
    const modelCard = { considerations: { useCases: ["credit"] } };
    const component = { type: "machine-learning-model", name: "credit-scoring", modelCard };
    expect(facts("model-card", "cyclonedx", bom({ metadata: { component } })).cards).toEqual([
      { where: "doc#/metadata/component/modelCard", sections: ["considerations"], risk: null },
    ]);
  });

  it("has no metrics where its card has none", () => {
    const component = { type: "machine-learning-model", name: "credit-scoring", modelCard: {} };
    expect(facts("model-quality", "cyclonedx", bom({ components: [component] }))).toMatchObject({
      metrics: [],
      gaps: [],
    });
  });

  it.each([
    ["any component", []],
    ["a model", [{ type: "library", name: "numpy", modelCard: {} }]],
    ["a card", [{ type: "machine-learning-model", name: "credit-scoring" }]],
  ])("is none without %s", (_name, components) => {
    expect(reading("model-card", "cyclonedx", bom({ components }))).toEqual({
      ...{ kind: "unreadable", where: "doc#/components" },
      sentence: "No machine-learning model with a card is in it.",
    });
  });
});
