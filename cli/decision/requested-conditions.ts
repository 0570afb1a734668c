import * as v from "valibot";
import { Failure } from "../../core/failure.ts";
import { type ReleaseConditions, releaseConditionsSchema } from "../../core/promotion/release-conditions.ts";
import { oneLine } from "../terminal-text.ts";

const secondsIn = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** How each condition is written, and what it stands for. */
const written: Readonly<
  Record<string, { readonly pattern: RegExp; readonly field: keyof ReleaseConditions; readonly like: string }>
> = {
  for: { pattern: /^(\d{1,9})([smhd])$/, field: "forSeconds", like: "for=24h" },
  traffic: { pattern: /^(\d{1,3})%$/, field: "trafficPercent", like: "traffic=10%" },
  errors: { pattern: /^(\d{1,3}(?:\.\d{1,6})?)%$/, field: "errorPercent", like: "errors=1%" },
  p95: { pattern: /^(\d{1,6})ms$/, field: "p95Milliseconds", like: "p95=300ms" },
};

/**
 * Reads conditions as somebody typed them, such as `traffic=10%` and `for=1h`; `undefined` where there are none. Throws
 * `invalid-request` with how they are written.
 */
export function requestedConditions(texts: readonly string[]): ReleaseConditions | undefined {
  if (texts.length === 0) return undefined;
  const given: Partial<Record<keyof ReleaseConditions, number>> = {};
  for (const text of texts) {
    const [name = "", value = ""] = text.split("=", 2);
    const known = Object.hasOwn(written, name) ? written[name] : undefined;
    const match = known?.pattern.exec(value);
    if (known === undefined || match === null || match === undefined) {
      const like = Object.values(written).map((each) => each.like);
      throw new Failure(
        "invalid-request",
        `'${oneLine(text, 80)}' is no condition; they are written ${like.join(", ")}.`,
      );
    }
    if (given[known.field] !== undefined)
      throw new Failure("invalid-request", `The condition '${name}' is given twice.`);
    given[known.field] = Number(match[1]) * (secondsIn[match[2] as keyof typeof secondsIn] ?? 1);
  }
  if (given.forSeconds === undefined)
    throw new Failure("invalid-request", "Say for how long the conditions hold, such as --condition for=24h.");
  const read = v.safeParse(releaseConditionsSchema, given);
  if (read.success) return read.output;
  const [issue] = read.issues;
  const field = v.getDotPath(issue);
  const name = Object.keys(written).find((each) => written[each]?.field === field);
  throw new Failure("invalid-request", `The conditions cannot be taken: ${name ?? "they"} ${issue.message}.`);
}
