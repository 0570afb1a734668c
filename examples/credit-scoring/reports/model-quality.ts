import { spreadOf } from "../cross-validation.ts";
import { seededFraction } from "../dataset.ts";
import type { Evaluation } from "../evaluation.ts";
import { calibrationOf } from "../measures/calibration.ts";
import { confusionOf, type Rates, ratesOf, type Scored, wilsonInterval } from "../measures/confusion.ts";
import { areaInterval, areaUnderCurve, averagePrecision, cutsOf } from "../measures/ranking.ts";

/** Model quality in plain JSON: `metrics.<name>` are numbers, the rest says how far they can be trusted. */
export function modelQuality(evaluation: Evaluation): unknown {
  const { rows, confusion, trained, crossValidation } = evaluation;
  const positives = rows.filter((row) => row.positive).length;
  const cuts = cutsOf(rows);
  const auc = areaUnderCurve(rows);
  const { bins, ...calibration } = calibrationOf(rows);
  const { f0_5, f1, f2, ...rates } = ratesOf(confusion);
  const correct = confusion.truePositives + confusion.trueNegatives;
  return {
    model: { name: trained.model.name, version: trained.model.version },
    dataset: { rows: rows.length, positive: positives, negative: rows.length - positives, positiveClass: "Good" },
    threshold: trained.model.threshold,
    metrics: {
      ...rates,
      f1,
      auc,
      averagePrecision: averagePrecision(cuts),
      ...calibration,
      accuracyBestConstant: Math.max(positives, rows.length - positives) / rows.length,
    },
    intervals95: {
      accuracy: { method: "Wilson", ...wilsonInterval(correct, rows.length) },
      auc: { method: "Hanley-McNeil", ...areaInterval(auc, positives, rows.length - positives) },
    },
    crossValidation,
    confusionMatrix: confusion,
    precisionRecall: cuts.map((cut) => ({
      threshold: cut.threshold,
      precision: cut.precision,
      recall: cut.truePositiveRate,
    })),
    roc: cuts.map((cut) => ({
      threshold: cut.threshold,
      falsePositiveRate: cut.falsePositiveRate,
      truePositiveRate: cut.truePositiveRate,
    })),
    calibration: bins,
  };
}

/**
 * Model quality as SageMaker Model Monitor writes it into `statistics.json`, without its times, which would differ
 * from run to run. Standard deviations are taken over five random 80 % samples, as the documentation says.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality-metrics.html
 */
export function modelQualityForSageMaker(evaluation: Evaluation): unknown {
  const { rows, confusion, trained } = evaluation;
  const cuts = cutsOf(rows);
  const summarise = (sample: readonly Scored[]) => metricsOf(sample, trained.model.threshold);
  const samples = Array.from({ length: 5 }, (_, run) =>
    summarise(rows.filter((_row, index) => seededFraction(`model-quality/${run}`, index) < 0.8)),
  );
  const metrics = Object.entries(summarise(rows)).map(([name, value]) => {
    const spread = spreadOf(samples.map((sample) => sample[name] ?? Number.NaN));
    // Model Monitor gives no deviation for fewer than 200 rows, and says so with this string.
    return [name, { value, standard_deviation: rows.length < 200 ? "NaN" : spread.standardDeviation }];
  });
  return {
    version: 0,
    dataset: { item_count: rows.length },
    binary_classification_metrics: {
      confusion_matrix: {
        "0": { "0": confusion.trueNegatives, "1": confusion.falsePositives },
        "1": { "0": confusion.falseNegatives, "1": confusion.truePositives },
      },
      ...Object.fromEntries(metrics),
      receiver_operating_characteristic_curve: {
        false_positive_rates: [0, ...cuts.map((cut) => cut.falsePositiveRate)],
        true_positive_rates: [0, ...cuts.map((cut) => cut.truePositiveRate)],
      },
      precision_recall_curve: {
        precisions: [1, ...cuts.map((cut) => cut.precision)],
        recalls: [0, ...cuts.map((cut) => cut.truePositiveRate)],
      },
    },
  };
}

function metricsOf(rows: readonly Scored[], threshold: number): Readonly<Record<string, number>> {
  const rates = ratesOf(confusionOf(rows, threshold));
  const mostlyPositive = rows.filter((row) => row.positive).length * 2 >= rows.length;
  const constant = ratesOf(
    confusionOf(
      rows.map((row) => ({ ...row, score: mostlyPositive ? 1 : 0 })),
      threshold,
    ),
  );
  return {
    ...named(rates, ""),
    ...named(constant, "_best_constant_classifier"),
    true_positive_rate: rates.recall,
    true_negative_rate: rates.specificity,
    false_positive_rate: rates.falsePositiveRate,
    false_negative_rate: rates.falseNegativeRate,
    auc: areaUnderCurve(rows),
  };
}

function named(rates: Rates, suffix: string): Readonly<Record<string, number>> {
  const { accuracy, precision, recall, f0_5, f1, f2 } = rates;
  const entries = Object.entries({ accuracy, precision, recall, f0_5, f1, f2 });
  return Object.fromEntries(entries.map(([name, value]) => [`${name}${suffix}`, value]));
}
