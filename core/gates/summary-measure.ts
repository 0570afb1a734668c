import type { Interval } from "./facts.ts";
import type { Finding } from "./gate-report.ts";
import { boundOf } from "./number-text.ts";
import { clippedPlace } from "./summary-size.ts";
import type { Bound } from "./thresholds.ts";

/** A number with its bound, where a rule has one, and how far it is from the nearer end (negative: outside). */
export interface Measure {
  readonly title: string;
  readonly value: number;
  readonly where: string;
  readonly interval?: Interval;
  readonly bound?: Bound;
  readonly margin?: number;
}

/** A value with the bound of the rule that judged it. */
export function measured(title: string, value: number, where: string, finding: Finding | undefined): Measure {
  const bound = boundOf(finding?.required ?? null);
  const measure = { title, value, where: clippedPlace(where) };
  if (bound === undefined) return measure;
  // Decimal fractions of an evidence report have no more digits than this; binary noise would show in the margin.
  const margin = Number(Math.min(value - (bound.min ?? -Infinity), (bound.max ?? Infinity) - value).toPrecision(12));
  return { ...measure, bound, margin };
}
