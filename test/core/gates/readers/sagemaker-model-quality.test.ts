import { describe, expect, it } from "vitest";
import { facts, reading } from "./read.ts";

const read = (metrics: object) =>
  facts("model-quality", "sagemaker-model-quality", { binary_classification_metrics: metrics });
const metric = (value: unknown, standard_deviation?: unknown) => ({ value, standard_deviation });

describe("SageMaker model quality", () => {
  it.each(["binary_classification_metrics", "multiclass_classification_metrics", "regression_metrics"])(
    "reads %s",
    (section) => {
      const found = facts("model-quality", "sagemaker-model-quality", {
        version: 0,
        [section]: { f1: { value: 0.5 } },
      });
      expect(found.metrics).toEqual([{ name: "f1", value: 0.5, where: `doc#/${section}/f1/value` }]);
    },
  );

  it("is unreadable without any of its sections", () => {
    expect(reading("model-quality", "sagemaker-model-quality", { version: 0 })).toEqual({
      ...{ kind: "unreadable", where: "doc#" },
      sentence:
        "None of binary_classification_metrics, multiclass_classification_metrics, regression_metrics is in it.",
    });
  });

  it("takes 1.96 standard deviations either way for the interval of 95 %", () => {
    const [auc] = read({ auc: metric(0.5, 0.1) }).metrics ?? [];
    expect(auc?.interval?.low).toBeCloseTo(0.304, 12);
    expect(auc?.interval?.high).toBeCloseTo(0.696, 12);
    expect(auc?.interval?.level).toBe(0.95);
  });

  it("takes a deviation of nothing for an interval of one point", () => {
    expect(read({ auc: metric(0.5, 0) }).metrics?.[0]?.interval).toEqual({ low: 0.5, high: 0.5, level: 0.95 });
  });

  it.each([["NaN"], [-0.1], [undefined]])("has no interval for the deviation %j", (deviation) => {
    expect(read({ auc: metric(0.5, deviation) }).metrics?.[0]).not.toHaveProperty("interval");
  });

  it("would answer where precision and recall are reported", () => {
    const found = read({ accuracy: metric(0.9), recall: metric(0.6), precision: metric(0.7) });
    expect(found.operatingPoints).toEqual([{ precision: 0.7, recall: 0.6 }]);
  });

  it.each([
    ["precision", { precision: metric(0.7), accuracy: metric(0.9) }],
    ["recall", { recall: metric(0.6), accuracy: metric(0.9) }],
    ["neither", { accuracy: metric(0.9), auc: metric(0.8) }],
  ])("does not say where it would answer with %s alone", (_name, metrics) => {
    expect(read(metrics).operatingPoints).toEqual([]);
  });

  it("draws only points of the curve that have both their numbers", () => {
    const precision_recall_curve = { precisions: [1, "NaN", 0.8, 0.7], recalls: [0, 0.1, "NaN"] };
    const found = read({ precision_recall_curve });
    expect(found.curve).toEqual([{ precision: 1, recall: 0 }]);
    expect(found.metrics).toEqual([]);
    expect(found.gaps).toEqual([]);
  });

  it("has no curve where none is reported", () => {
    expect(read({ auc: metric(0.5) }).curve).toEqual([]);
  });
});
