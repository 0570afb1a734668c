import { jsonReader, NotOfThisFormat } from "../evidence-reader.ts";
import type { FacetReading, Gap } from "../facts.ts";
import { gapAt, type JsonPlace, memberOf, membersOf, numberOf, rootOf, whereOf } from "../json-places.ts";

/** Fairlearn's own names for the two that everybody asks for. */
const names: Readonly<Record<string, string>> = {
  selection_rate_difference: "demographic_parity_difference",
  selection_rate_ratio: "demographic_parity_ratio",
};

/**
 * Fairlearn's `MetricFrame`, one for each sensitive feature, exported by pandas:
 * `<feature>: {by_group: frame.by_group.to_dict(), difference: frame.difference().to_dict(), ratio: …}`, where
 * `by_group` is metric → group → value. What is said of differences is held against the groups: `between_groups` is the
 * largest less the smallest, and the ratio the smallest by the largest.
 * https://fairlearn.org/main/api_reference/generated/fairlearn.metrics.MetricFrame.html
 */
export const fairlearnMetricFrame = jsonReader("bias", "fairlearn-metric-frame", (document, name) => {
  const facets: FacetReading[] = [];
  const gaps: Gap[] = [];
  const features = membersOf(rootOf(document, name));
  if (features.length === 0) throw new NotOfThisFormat([], "No sensitive feature is in it.");
  for (const [facet, frame] of features) {
    const groups = membersOf(memberOf(frame, "by_group")).map(([metric, at]) => [metric, membersOf(at)] as const);
    for (const [metric, values] of groups) {
      for (const [group, at] of values) add(facet, group, metric, at);
    }
    for (const [form, compare] of comparisons) {
      const stated = memberOf(frame, form);
      if (stated.value === undefined) continue;
      for (const [metric, at] of membersOf(stated)) {
        const byGroup = groups.find(([one]) => one === metric)?.[1] ?? [];
        const values = byGroup.map(([, place]) => numberOf(place) ?? Number.NaN);
        const title = `${metric}_${form}`;
        const expected = values.length === 0 ? Number.NaN : compare(Math.min(...values), Math.max(...values));
        add(facet, "all groups", (Object.hasOwn(names, title) ? names[title] : undefined) ?? title, at, expected);
      }
    }
  }
  return { facets, gaps };

  function add(facet: string, group: string, metric: string, at: JsonPlace, expected?: number): void {
    const value = numberOf(at);
    if (value === undefined) gaps.push(gapAt(at, ["facet", facet, metric]));
    else if (expected !== undefined && !(Math.abs(value - expected) <= 1e-6))
      gaps.push({
        subject: ["facet", facet, metric],
        where: whereOf(at),
        why: `is ${value}, and the groups come to ${expected}`,
      });
    else facets.push({ facet, group, metric, value, where: whereOf(at) });
  }
});

const comparisons: readonly (readonly [string, (least: number, most: number) => number])[] = [
  ["difference", (least, most) => most - least],
  ["ratio", (least, most) => least / most],
];
