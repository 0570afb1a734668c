import type { Json } from "../../encoding/canonical-json.ts";
import { jsonReader, NotOfThisFormat } from "../evidence-reader.ts";
import type { EvidenceFacts, FacetReading, Gap } from "../facts.ts";
import { gapAt, itemsOf, memberOf, membersOf, numberOf, rootOf, textOf, whereOf } from "../json-places.ts";

/**
 * The bias part of SageMaker Clarify's `analysis.json`:
 * `$.post_training_bias_metrics.facets.<facet>[*]`, each with `value_or_threshold` (the group) and `metrics`, a list
 * in no fixed order whose items are told apart by `name`. Training-label metrics (`pre_training_bias_metrics`) have
 * other names and are read beside them.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-processing-job-analysis-results.html
 */
export const clarifyBias = jsonReader("bias", "clarify-analysis", (document, name) => {
  const root = rootOf(document, name);
  if (memberOf(root, "post_training_bias_metrics").value === undefined)
    throw new NotOfThisFormat([], "post_training_bias_metrics is not in it: nobody measured the model's own answers.");
  const both = ["post_training_bias_metrics", "pre_training_bias_metrics"].map((section) =>
    sectionOf(document, name, section),
  );
  return { facets: both.flatMap((one) => one.facets), gaps: both.flatMap((one) => one.gaps) };
});

function sectionOf(document: Json, name: string, section: string): Required<Pick<EvidenceFacts, "facets" | "gaps">> {
  const facets: FacetReading[] = [];
  const gaps: Gap[] = [];
  const place = memberOf(rootOf(document, name), section);
  if (place.value === undefined) return { facets, gaps };
  for (const [facet, groups] of membersOf(memberOf(place, "facets"))) {
    for (const group of itemsOf(groups)) {
      const groupName = textOf(memberOf(group, "value_or_threshold"));
      for (const item of itemsOf(memberOf(group, "metrics"))) {
        const metric = textOf(memberOf(item, "name"));
        const value = numberOf(memberOf(item, "value"));
        const at = memberOf(item, "value");
        if (value === undefined) gaps.push(gapAt(at, ["facet", facet, metric]));
        else facets.push({ facet, group: groupName, metric, value, where: whereOf(at) });
      }
    }
  }
  return { facets, gaps };
}
