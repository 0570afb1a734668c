import type { Instant } from "../encoding/instant.ts";

/**
 * When what will serve was made, by the clock of the target, under what it is there (`model`, `configuration`). What is made
 * anew, by whoever and of whatever, has another.
 */
export type StagedAt = Readonly<Record<string, Instant>>;

/** The first of what is there that was made at another time than what was there before, or that is there no more. */
export function madeAnew(now: StagedAt, before: StagedAt): string | undefined {
  return [...Object.keys(now), ...Object.keys(before)].find((what) => now[what] !== before[what]);
}
