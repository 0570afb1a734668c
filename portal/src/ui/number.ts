import { numberText } from "../../../core/gates/number-text.ts";
import type { Measure } from "../../../core/gates/summary-measure.ts";
import { messages } from "../messages/catalogue.ts";
import { durationUnits, unitSeconds } from "./duration.ts";

/** A measure's value as people read it, never rounded over its own bound. */
export function valueText({ value, bound }: Measure): string {
  return numberText(value, bound === undefined ? null : { ...bound });
}

/** Where a value must lie, in words. */
export function boundText(measure: Measure): string {
  const { min, max } = measure.bound ?? {};
  const text = (end: number) => endText(end, measure);
  if (min === undefined) return max === undefined ? "–" : messages.atMost(text(max));
  return max === undefined ? messages.atLeast(text(min)) : messages.between(text(min), text(max));
}

/**
 * A margin with its sign: `+0.03`, `−0.01`. What is left between value and bound as they are shown, so that whoever reckons it
 * again gets the same; where those are too near for that, rounded towards the bound.
 */
export function marginText(measure: Measure): string {
  const { margin = 0 } = measure;
  const shown = shownMargin(measure);
  if (shown !== undefined && Math.sign(shown) === Math.sign(margin) && Math.abs(shown - margin) < farthestRounded)
    return `${shown < 0 ? "−" : "+"}${Math.abs(shown)}`;
  return roundedMargin(margin);
}

/** Value and bound are rounded to half of a thousandth each, or less. */
const farthestRounded = 0.001_001;

function shownMargin(measure: Measure): number | undefined {
  const { bound = {} } = measure;
  const value = valueText(measure);
  const ends = [bound.min, bound.max].flatMap((end) => (end === undefined ? [] : [endText(end, measure)]));
  const places = Math.max(...[value, ...ends].map((text) => text.split(".")[1]?.length ?? 0));
  const left = [
    ...(bound.min === undefined ? [] : [Number(value) - Number(endText(bound.min, measure))]),
    ...(bound.max === undefined ? [] : [Number(endText(bound.max, measure)) - Number(value)]),
  ];
  const least = Math.min(...left);
  return Number.isFinite(least) && places <= 6 ? Number(least.toFixed(places)) : undefined;
}

/** A bound that was reckoned has many digits: it is rounded, and never to the other side of the value. */
function endText(end: number, { value }: Measure): string {
  return numberText(end, typeof value === "number" ? { min: value } : null);
}

function roundedMargin(margin: number): string {
  const size = Math.abs(margin);
  const digits = size >= 0.001 ? 3 : 6;
  const rounded = margin < 0 ? Math.ceil(size * 10 ** digits) : Math.floor(size * 10 ** digits);
  if (rounded === 0 && size > 0) return `${margin < 0 ? "−" : "+"}${size.toExponential(1)}`;
  return `${margin < 0 ? "−" : "+"}${Number((rounded / 10 ** digits).toFixed(digits))}`;
}

/** A size in bytes as people read it: `940 bytes`, `1.23 MB`. */
export function sizeText(bytes: number): string {
  const at = bytes < 1e3 ? 0 : bytes < 1e6 ? 1 : bytes < 1e9 ? 2 : 3;
  const unit = (["byte", "kilobyte", "megabyte", "gigabyte"] as const)[at] ?? "byte";
  const unitDisplay = at === 0 ? "long" : "short";
  const format = { style: "unit", unit, unitDisplay, maximumSignificantDigits: 3 } as const;
  return new Intl.NumberFormat(messages.language, format).format(bytes / 1000 ** at);
}

/** `4 hours`, `90 minutes`: in the longest unit that leaves no rest. */
export function durationWords(seconds: number): string {
  const unit = durationUnits.findLast((each) => seconds % unitSeconds[each] === 0);
  const [value, name] = unit === undefined ? [seconds, "second"] : [seconds / unitSeconds[unit], unit.slice(0, -1)];
  const format = { style: "unit", unit: name, unitDisplay: "long" } as const;
  return new Intl.NumberFormat(messages.language, format).format(value);
}
