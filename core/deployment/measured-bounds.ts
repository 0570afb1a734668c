import type { OwnBounds } from "../promotion/traffic.ts";

/** What was measured of the answers of a model for a while; what is not there was not measured. */
export interface Measured {
  readonly requests?: number;
  /** Of them, how many were answered by a server error, or not at all. */
  readonly errors?: number;
  readonly p95Milliseconds?: number;
}

/**
 * Which bound was not kept, in words that follow "it"; `undefined`: all were, or nothing was asked of the model, so that there is
 * nothing to judge. How fast answers were has to be known as soon as there are any.
 */
export function whyBeyond(
  bounds: OwnBounds,
  { requests = 0, errors = 0, p95Milliseconds }: Measured,
): string | undefined {
  if (requests <= 0) return undefined;
  const share = (100 * errors) / requests;
  if (bounds.errorPercent !== undefined && share > bounds.errorPercent)
    return `answered ${rounded(share)} percent of its requests with an error, and ${bounds.errorPercent} is the most`;
  if (bounds.p95Milliseconds === undefined) return undefined;
  if (p95Milliseconds === undefined) return "answered requests, and nobody measured how fast";
  return p95Milliseconds > bounds.p95Milliseconds
    ? `took more than ${rounded(p95Milliseconds)} ms for 5 of 100 answers, and ${bounds.p95Milliseconds} is the most`
    : undefined;
}

function rounded(value: number): string {
  return String(Number(value.toPrecision(3)));
}
