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
  ])("count by %s", (_name, ratings, severity) => {
    const none = { critical: 0, high: 0, medium: 0, low: 0 };
    expect(counts(bom({ vulnerabilities: [vulnerability(...ratings)] }))).toEqual({ ...none, [severity]: 1 });
  });

  it("count although an analysis calls them not affected, and not where they are for information", () => {
    const silenced = { ...vulnerability({ severity: "critical" }), analysis: { state: "not_affected" } };
    const found = counts(bom({ vulnerabilities: [silenced, vulnerability({ severity: "info" })] }));
    expect(found).toEqual({ critical: 1, high: 0, medium: 0, low: 0 });
  });

  it.each([
    ["an inventory without a list of vulnerabilities", bom({ components: [] }), /nobody looked/],
    ["another version", { ...bom({ vulnerabilities: [] }), specVersion: "1.3" }, /not CycloneDX 1\.4/],
    ["another format", { vulnerabilities: [] }, /not CycloneDX in JSON/],
  ])("are not read from %s", (_name, document, sentence) => {
    expect(reading("security-scan", "cyclonedx", document)).toMatchObject({
      sentence: expect.stringMatching(sentence),
    });
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
    expect(gaps(facts("model-quality", "cyclonedx", model([{ type: "auc", value }])))).toHaveLength(1);
  });

  it("says which sections of its card are filled", () => {
    expect(facts("model-card", "cyclonedx", model([])).cards?.[0]?.sections).toEqual(["modelParameters"]);
  });

  it("is none without a model", () => {
    expect(reading("model-card", "cyclonedx", bom({ components: [] })).kind).toBe("unreadable");
  });
});
