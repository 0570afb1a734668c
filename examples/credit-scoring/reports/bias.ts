import type { Evaluation, FacetEvaluation } from "../evaluation.ts";
import { type BiasMetric, selectionRate, sizeOf } from "../measures/bias.ts";
import { type Confusion, ratesOf } from "../measures/confusion.ts";

/**
 * Fairness in plain JSON: per facet the metrics under their Clarify names and under Fairlearn's, and what each
 * group met. A metric that has no finite value is null.
 */
export function bias(evaluation: Evaluation): unknown {
  const { trained, facets } = evaluation;
  return {
    model: { name: trained.model.name, version: trained.model.version },
    favourableOutcome: trained.model.positiveClass,
    threshold: trained.model.threshold,
    facets: Object.fromEntries(facets.map((one) => [one.facet.name, plainFacet(one)])),
  };
}

function plainFacet(one: FacetEvaluation): unknown {
  const a = groupOf(one.advantaged);
  const d = groupOf(one.disadvantaged);
  const rates = [a.selectionRate, d.selectionRate];
  const { facet } = one;
  return {
    definition: facet.definition,
    advantaged: facet.advantaged,
    disadvantaged: facet.disadvantaged,
    groups: { [facet.advantaged]: a, [facet.disadvantaged]: d },
    metrics: {
      ...Object.fromEntries(one.postTraining.map(({ name, value }) => [name, finite(value)])),
      demographic_parity_difference: Math.max(...rates) - Math.min(...rates),
      demographic_parity_ratio: finite(Math.min(...rates) / Math.max(...rates)),
      equalized_odds_difference: Math.max(
        Math.abs(a.truePositiveRate - d.truePositiveRate),
        Math.abs(a.falsePositiveRate - d.falsePositiveRate),
      ),
    },
    trainingLabels: Object.fromEntries(one.preTraining.map(({ name, value }) => [name, finite(value)])),
  };
}

function groupOf(confusion: Confusion) {
  const rates = ratesOf(confusion);
  return {
    count: sizeOf(confusion),
    selectionRate: selectionRate(confusion),
    accuracy: rates.accuracy,
    truePositiveRate: rates.recall,
    falsePositiveRate: rates.falsePositiveRate,
    confusionMatrix: confusion,
  };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/**
 * Fairness as the bias part of SageMaker Clarify's `analysis.json`. Facet columns are derived, and name the
 * group; told is the one that could be disadvantaged. Infinite values are the string that Clarify writes.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-processing-job-analysis-results.html
 */
export function biasForClarify(evaluation: Evaluation): unknown {
  const section = (metrics: (one: FacetEvaluation) => readonly BiasMetric[]) => ({
    label: "Class",
    label_value_or_threshold: evaluation.trained.model.positiveClass,
    facets: Object.fromEntries(
      evaluation.facets.map((one) => [
        one.facet.name,
        [{ value_or_threshold: one.facet.disadvantaged, metrics: metrics(one).map(clarifyMetric) }],
      ]),
    ),
  });
  return {
    version: "1.0",
    pre_training_bias_metrics: section((one) => one.preTraining),
    post_training_bias_metrics: section((one) => one.postTraining),
  };
}

function clarifyMetric({ name, description, value }: BiasMetric): unknown {
  return { name, description, value: Number.isFinite(value) ? value : value > 0 ? "Infinity" : "-Infinity" };
}
