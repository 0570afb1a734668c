import { describe, expect, it } from "vitest";
import { facts, gaps, numbers, reading } from "./read.ts";

// The run as GET /api/2.0/mlflow/runs/get answers it.
const run = (metrics: readonly unknown[], status = "FINISHED") => ({
  run: {
    info: { run_id: "d7f6", experiment_id: "3", status, start_time: 1763600000000, lifecycle_stage: "active" },
    data: {
      metrics,
      params: [{ key: "C", value: "1.0" }],
      tags: [{ key: "mlflow.source.type", value: "LOCAL" }],
    },
  },
});

describe("MLflow metrics", () => {
  it("are read from a run of the REST API, by the names that are used here", () => {
    const read = facts(
      "model-quality",
      "mlflow-metrics",
      run([
        { key: "accuracy_score", value: 0.747, timestamp: 1763600000100, step: 0 },
        { key: "roc_auc", value: 0.791, timestamp: 1763600000100, step: 0 },
      ]),
    );
    expect(numbers(read)).toEqual({ accuracy: 0.747, auc: 0.791 });
    expect(read.metrics?.[1]?.where).toBe("doc#/run/data/metrics/1/value");
  });

  it("are read from what 'mlflow runs describe' prints", () => {
    const described = {
      info: { run_id: "d7f6", status: "FINISHED" },
      data: { metrics: { f1_score: 0.8 }, params: {} },
    };
    expect(numbers(facts("model-quality", "mlflow-metrics", described))).toEqual({ f1: 0.8 });
  });

  it("are read from the metrics.json of a saved evaluation", () => {
    const saved = { example_count: 281, accuracy_score: 0.747, log_loss: 0.5, precision_recall_auc: 0.9 };
    expect(numbers(facts("model-quality", "mlflow-metrics", saved))).toEqual({
      example_count: 281,
      accuracy: 0.747,
      log_loss: 0.5,
      precision_recall_auc: 0.9,
    });
  });

  it("are gaps where they are no numbers", () => {
    expect(gaps(facts("model-quality", "mlflow-metrics", run([{ key: "roc_auc", value: "NaN" }])))).toEqual([
      'metric.auc: doc#/run/data/metrics/0/value is the text "NaN"',
    ]);
  });

  it.each(["RUNNING", "FAILED", "KILLED"])("are none of a run that is %s", (status) => {
    expect(reading("model-quality", "mlflow-metrics", run([{ key: "auc", value: 1 }], status))).toEqual({
      kind: "unreadable",
      where: "doc#/run/info/status",
      sentence: "The run did not finish.",
    });
  });

  it("tell of toxicity without the version of its definition", () => {
    const saved = { "toxicity/v1/mean": 0.02, "toxicity/v1/ratio": 0.004 };
    expect(numbers(facts("toxicity", "mlflow-metrics", saved))).toEqual({ toxicity_mean: 0.02, toxicity_ratio: 0.004 });
  });
});
