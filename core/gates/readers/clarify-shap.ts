import { attributionsIn } from "../attributions.ts";
import { jsonReader } from "../evidence-reader.ts";
import { memberOf, membersOf, rootOf } from "../json-places.ts";

/**
 * The explainability part of SageMaker Clarify's `analysis.json`:
 * `$.explanations.kernel_shap.<label>.global_shap_values.<feature>`, by default the mean of the absolute values.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-processing-job-analysis-results.html
 */
export const clarifyShap = jsonReader("explainability", "clarify-analysis", (document, name) => {
  const shap = memberOf(memberOf(rootOf(document, name), "explanations"), "kernel_shap");
  const labels = membersOf(shap);
  return {
    attributions: labels.flatMap(([label, place]) =>
      attributionsIn(memberOf(place, "global_shap_values")).map(({ feature, value }) => ({
        // One label is the usual case and needs no mention.
        feature: labels.length === 1 ? feature : `${label}: ${feature}`,
        value,
      })),
    ),
  };
});
