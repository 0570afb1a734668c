import { Failure } from "../failure.ts";

declare const instantBrand: unique symbol;

/** A point in time as RFC 3339 text in UTC with milliseconds, `2026-11-22T17:03:00.000Z`: text order is time order. */
export type Instant = string & { readonly [instantBrand]: true };

/** The instant `ms` milliseconds after the Unix epoch. */
export function instantFromMs(ms: number): Instant {
  if (!Number.isSafeInteger(ms) || ms < 0 || ms > 253_402_300_799_999) {
    throw new Failure("invalid-request", `${ms} is not a time in milliseconds between the years 1970 and 9999.`);
  }
  return new Date(ms).toISOString() as Instant;
}

/** Milliseconds since the Unix epoch. */
export function msOfInstant(instant: Instant): number {
  return Date.parse(instant);
}

/** `seconds` later than `instant` (earlier where negative). */
export function addSeconds(instant: Instant, seconds: number): Instant {
  return instantFromMs(msOfInstant(instant) + Math.round(seconds * 1000));
}

/** Narrows text to an instant in the one spelling that is used here. */
export function isInstant(text: unknown): text is Instant {
  if (typeof text !== "string" || !/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/.test(text)) return false;
  const ms = Date.parse(text);
  // Before 1970 there are none, as in instantFromMs: adding to one must never throw.
  return ms >= 0 && new Date(ms).toISOString() === text;
}
