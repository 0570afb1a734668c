import { jsonReader } from "../evidence-reader.ts";
import type { FacetReading, Gap } from "../facts.ts";
import { gapAt, memberOf, membersOf, numberOf, rootOf, textOf, whereOf } from "../json-places.ts";

/**
 * Fairness in plain JSON: `facets.<facet>` names the group that could be `disadvantaged` and gives `metrics.<name>`
 * (Clarify's or Fairlearn's names), optionally `trainingLabels.<name>`. A metric without a finite value is null.
 */
export const plainBias = jsonReader("bias", "plain", (document, name) => {
  const facets: FacetReading[] = [];
  const gaps: Gap[] = [];
  for (const [facet, place] of membersOf(memberOf(rootOf(document, name), "facets"))) {
    const group = textOf(memberOf(place, "disadvantaged"));
    const labels = memberOf(place, "trainingLabels");
    const written = [
      ...membersOf(memberOf(place, "metrics")),
      ...(labels.value === undefined ? [] : membersOf(labels)),
    ];
    for (const [metric, at] of written) {
      const value = numberOf(at);
      if (value === undefined) gaps.push(gapAt(at, ["facet", facet, metric]));
      else facets.push({ facet, group, metric, value, where: whereOf(at) });
    }
  }
  return { facets, gaps };
});
