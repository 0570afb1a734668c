import { Failure } from "../../core/failure.ts";
import type { Surroundings } from "../surroundings.ts";

/** However long a service asks for; whoever waits for people comes back anyway. */
const longestAskedMs = 60_000;

/** What may pass, and for how long the service asks to be left alone, where it says so. */
export class Unavailable extends Failure {
  readonly retryAfterMs: number | undefined;

  constructor(sentence: string, retryAfterMs: number | undefined) {
    super("unavailable", sentence);
    this.retryAfterMs = retryAfterMs;
  }
}

/** Statuses with which a service, or what stands before it, says that the same request may succeed in a moment. */
export const passes = (status: number): boolean => status === 429 || status >= 500;

/**
 * For how long a service asks to be left alone: `Retry-After` in seconds or as a date
 * (https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3), a minute at most; `undefined` where it does not say.
 */
export function retryAfterMs(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined;
  const date = /^[A-Z][a-z]{2}, /.test(header) ? Date.parse(header) : Number.NaN;
  const asked = /^\d+$/.test(header) ? Number(header) * 1000 : date - nowMs;
  return Number.isNaN(asked) ? undefined : Math.min(longestAskedMs, Math.max(0, asked));
}

/**
 * The pause before what failed is asked again: what the service asks for, and `pauseMs` at least. Up to a quarter more by
 * chance: those who were turned away together do not come back together.
 */
export function pauseAfter(failure: Failure, pauseMs: number, random: Surroundings["random"]): number {
  const asked = failure instanceof Unavailable ? failure.retryAfterMs : undefined;
  return Math.round(Math.max(pauseMs, asked ?? 0) * (1 + (random(1)[0] ?? 0) / 255 / 4));
}
