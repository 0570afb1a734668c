import { type Instant, instantFromMs } from "../core/encoding/instant.ts";

/** The time, for the wiring of a function: handlers are given it as a port. */
export function now(): Instant {
  return instantFromMs(Date.now());
}
