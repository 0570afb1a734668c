import type { Evaluation } from "../evaluation.ts";

/** What the model looks at, in plain JSON: exact SHAP values, in log-odds of the positive class. */
export function explainability(evaluation: Evaluation): unknown {
  const { attribution, trained, rows } = evaluation;
  return {
    model: { name: trained.model.name, version: trained.model.version },
    method: "exact SHAP values of a linear model: weight × (value − training mean) / scale",
    unit: `log-odds of ${trained.model.positiveClass}`,
    rows: rows.length,
    expectedValue: attribution.expectedLogOdds,
    globalImportance: Object.fromEntries(attribution.global),
    questions: Object.fromEntries(attribution.questions),
    weights: Object.fromEntries(trained.model.features.map((feature) => [feature.name, feature.weight])),
  };
}

/** The same in the layout of SageMaker Clarify's `analysis.json`; see `biasForClarify` for its documentation. */
export function explainabilityForClarify(evaluation: Evaluation): unknown {
  return {
    version: "1.0",
    explanations: {
      kernel_shap: {
        label0: {
          global_shap_values: Object.fromEntries(evaluation.attribution.global),
          expected_value: evaluation.attribution.expectedLogOdds,
        },
      },
    },
  };
}
