import { setTimeout } from "node:timers/promises";
import type { PenaltyBox } from "aws-jwt-verify/jwk";

const paceMs = 1_000;

export interface Clock {
  now(): number;
  wait(milliseconds: number): Promise<unknown>;
}

/**
 * One fetch a second of each key set at most, for which whoever is next waits. The library's own bars every fetch for ten
 * seconds once a token names a key that is not there: a stranger would keep a key from being learned that the issuer has
 * begun to sign with, and so would the first token by it that is quicker than the key set.
 */
export function pacedFetches(
  clock: Clock = { now: Date.now, wait: (milliseconds) => setTimeout(milliseconds) },
): PenaltyBox {
  const next = new Map<string, number>();
  return {
    async wait(address) {
      const begins = next.get(address) ?? 0;
      const early = begins - clock.now();
      // All who wait go on at once, and share one fetch.
      if (early > 0) await clock.wait(early);
      next.set(address, Math.max(next.get(address) ?? 0, Math.max(begins, clock.now()) + paceMs));
    },
    registerFailedAttempt: () => {},
    registerSuccessfulAttempt: () => {},
  };
}
