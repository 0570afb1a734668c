import type { Measure } from "../../../core/gates/evidence-summary.ts";
import { numberText } from "../../../core/gates/number-text.ts";

/** A measure's value as people read it, never rounded over its own bound. */
export function valueText({ value, bound }: Measure): string {
  return numberText(value, bound === undefined ? null : { ...bound });
}

/** A margin with its sign: `+0.03`, `−0.01`. Rounds towards the bound, so that no margin looks wider than it is. */
export function marginText(margin: number): string {
  const size = Math.abs(margin);
  const digits = size >= 0.001 ? 3 : 6;
  const rounded = margin < 0 ? Math.ceil(size * 10 ** digits) : Math.floor(size * 10 ** digits);
  if (rounded === 0 && size > 0) return `${margin < 0 ? "−" : "+"}${size.toExponential(1)}`;
  return `${margin < 0 ? "−" : "+"}${Number((rounded / 10 ** digits).toFixed(digits))}`;
}
