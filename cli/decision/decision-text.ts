import { shownMeasures } from "../../core/gates/summary-size.ts";
import { headingLines, policyChangeLines } from "../promotion-text.ts";
import type { ShownPromotion } from "../service/answers.ts";
import { oneLine } from "../terminal-text.ts";

type Measure = NonNullable<ShownPromotion["summary"]>["document"]["quality"][number];

/** What a reviewer should know before they decide: the candidate, what is unusual, the numbers with their bounds. */
export function summaryLines(promotion: ShownPromotion): readonly string[] {
  const { manifest, shadowReport, summary } = promotion;
  const { attention = [], quality = [], fairness = [] } = summary?.document ?? {};
  return [
    ...headingLines(promotion),
    ...policyChangeLines(promotion),
    "",
    "Look at this first",
    ...(attention.length === 0
      ? ["  nothing failed and nothing is unusual"]
      : attention.map(({ kind, sentence }) => `  ${oneLine(kind, 20)}: ${oneLine(sentence)}`)),
    "",
    "Quality",
    ...quality.map((measure) => `  ${measureLine(measure)}${placeAmong(quality, measure)}`),
    ...moreThanShown(quality),
    ...(fairness.length === 0 ? [] : ["", "Fairness"]),
    ...fairness.map((measure) => `  ${oneLine(measure.facet)} (${oneLine(measure.group)}): ${measureLine(measure)}`),
    ...moreThanShown(fairness),
    "",
    "Files",
    ...manifest.artifacts.map(
      ({ role, name, size, sha256 }) => `  ${sha256.slice(0, 16)}…  ${oneLine(role)}: ${oneLine(name)}, ${size} bytes`,
    ),
    ...[...manifest.evidence, ...(shadowReport === undefined ? [] : [shadowReport])].map(
      ({ kind, name, sha256 }) => `  ${sha256.slice(0, 16)}…  ${oneLine(kind)}: ${oneLine(name)}`,
    ),
  ];
}

/** A summary holds so many at most, and does not say how many there are. */
function moreThanShown(measures: readonly Measure[]): readonly string[] {
  return measures.length < shownMeasures
    ? []
    : [`  No more than ${shownMeasures} are shown, those that a rule judges first. The documents have all of them.`];
}

/** Where it stands, if another document tells the same: of one in two reports nobody could say which is which. */
function placeAmong(measures: readonly Measure[], { title, where }: Measure): string {
  return measures.filter((each) => each.title === title).length > 1 ? ` (${oneLine(where)})` : "";
}

function measureLine({ title, value, bound }: Measure): string {
  const least = bound?.min === undefined ? [] : [`at least ${bound.min}`];
  const most = bound?.max === undefined ? [] : [`at most ${bound.max}`];
  const required = [...least, ...most].join(" and ");
  return `${oneLine(title)} ${Number(value.toPrecision(6))}${required === "" ? "" : `; ${required} is required`}`;
}
