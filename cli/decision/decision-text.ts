import { type SignOffStatement, signOffId } from "../../core/attestation/sign-off-statement.ts";
import { canonicalJson } from "../../core/encoding/canonical-json.ts";
import { headingLines } from "../promotion-text.ts";
import type { ShownPromotion } from "../service/answers.ts";
import { oneLine } from "../terminal-text.ts";

type Measure = NonNullable<ShownPromotion["summary"]>["document"]["quality"][number];

/** What a reviewer should know before they decide: the candidate, what is unusual, the numbers with their bounds. */
export function summaryLines(promotion: ShownPromotion): readonly string[] {
  const { manifest, summary } = promotion;
  const { attention = [], quality = [], fairness = [] } = summary?.document ?? {};
  return [
    ...headingLines(promotion),
    "",
    "Look at this first",
    ...(attention.length === 0
      ? ["  nothing failed and nothing is unusual"]
      : attention.map(({ kind, sentence }) => `  ${oneLine(kind, 20)}: ${oneLine(sentence)}`)),
    "",
    "Quality",
    ...quality.map((measure) => `  ${measureLine(measure)}`),
    ...(fairness.length === 0 ? [] : ["", "Fairness"]),
    ...fairness.map((measure) => `  ${oneLine(measure.facet)} (${oneLine(measure.group)}): ${measureLine(measure)}`),
    "",
    "Files",
    ...manifest.artifacts.map(
      ({ role, name, size, sha256 }) => `  ${sha256.slice(0, 16)}…  ${oneLine(role)}: ${oneLine(name)}, ${size} bytes`,
    ),
    ...manifest.evidence.map(
      ({ kind, name, sha256 }) => `  ${sha256.slice(0, 16)}…  ${oneLine(kind)}: ${oneLine(name)}`,
    ),
  ];
}

/** The exact statement and the digest that the identity provider will sign. */
export function statementLines(statement: SignOffStatement): readonly string[] {
  return [
    "You are about to sign exactly this:",
    ...readableStatement(statement).split("\n"),
    `its digest, SHA-256 over the DSSE encoding: ${signOffId(statement)}`,
  ];
}

/**
 * The statement's canonical JSON with line breaks. What would change the order or the look of the text around it is
 * written as an escape, which is the same JSON: the eye must not read another sentence than is signed.
 */
function readableStatement(statement: SignOffStatement): string {
  const canonical: unknown = JSON.parse(canonicalJson(statement));
  return JSON.stringify(canonical, null, 2).replaceAll(/[\p{Cf}\u2028\u2029\u007f-\u009f]/gu, (character) =>
    character
      .split("")
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join(""),
  );
}

function measureLine({ title, value, bound }: Measure): string {
  const least = bound?.min === undefined ? [] : [`at least ${bound.min}`];
  const most = bound?.max === undefined ? [] : [`at most ${bound.max}`];
  const required = [...least, ...most].join(" and ");
  return `${oneLine(title)} ${Number(value.toPrecision(6))}${required === "" ? "" : `; ${required} is required`}`;
}
