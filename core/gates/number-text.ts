import type { Json } from "../encoding/canonical-json.ts";
import { clipped } from "./summary-size.ts";
import type { Bound } from "./thresholds.ts";

/** The bound of a policy's `required`, where it is one. */
export function boundOf(required: Json): Bound | undefined {
  if (typeof required !== "object" || required === null || Array.isArray(required)) return undefined;
  const { min, max } = required as { readonly [key: string]: Json };
  if (typeof min !== "number" && typeof max !== "number") return undefined;
  return { ...(typeof min === "number" ? { min } : {}), ...(typeof max === "number" ? { max } : {}) };
}

/** `at least 0.72`, `at most 0`, `between 0.8 and 1.25`. */
export function boundText(required: Json): string {
  const bound = boundOf(required);
  if (bound?.min !== undefined && bound.max !== undefined) return `between ${bound.min} and ${bound.max}`;
  if (bound?.min !== undefined) return `at least ${bound.min}`;
  if (bound?.max !== undefined) return `at most ${bound.max}`;
  return "a bound";
}

/** What the most of a count stands for: `none is allowed`, `at most 5 are allowed`. */
export function mostText(required: Json): string {
  const most = boundOf(required)?.max;
  return most === 0 ? "none is allowed" : `${boundText(required)} are allowed`;
}

/**
 * A number as people read it: three decimals, and more where fewer would put it on the other side of its bound:
 * 0.71996 must not read as 0.72 beside 'at least 0.72'.
 */
export function numberText(value: Json, required: Json = null): string {
  if (typeof value !== "number") return JSON.stringify(value);
  const bound = boundOf(required) ?? {};
  for (let decimals = 3; decimals < 17; decimals++) {
    const rounded = Number(value.toFixed(decimals));
    if (sameSide(rounded, value, bound.min) && sameSide(rounded, value, bound.max)) return String(rounded);
  }
  return String(value);
}

/** `no critical findings`, `1 critical finding`, `3 critical findings`. */
export function countText(value: Json, noun: string): string {
  return `${value === 0 ? "no" : JSON.stringify(value)} ${noun}${value === 1 ? "" : "s"}`;
}

/** Up to ten names, and how many more there are. */
export function listText(value: Json): string {
  if (!Array.isArray(value)) return "";
  const shown = value.slice(0, 10).map((name) => clipped(String(name)));
  return value.length > shown.length ? `${shown.join(", ")} and ${value.length - shown.length} more` : shown.join(", ");
}

function sameSide(rounded: number, value: number, end: number | undefined): boolean {
  return end === undefined || Math.sign(rounded - end) === Math.sign(value - end);
}
