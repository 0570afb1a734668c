import { writtenWithinSeconds } from "../core/archive/pack/on-its-way.ts";
import { addSeconds, type Instant } from "../core/encoding/instant.ts";
import { Failure } from "../core/failure.ts";

/**
 * So long at most before it is written lies the instant of which something is recorded: verification allows for that and for 5
 * seconds between two functions (`clockToleranceSeconds`, core/archive/pack/on-its-way.ts), and holds against whoever decides later
 * than that what they could not have read.
 */
export const mostSecondsOnTheWay = writtenWithinSeconds;
const mostTries = 5;

/**
 * What was checked as of an instant, for whoever is about to record it as of that instant. Where that was too long ago,
 * since signing or asking took its time, it is checked again as of now: so nothing is recorded as of an instant at which
 * it was not checked. Throws what the check does, and `unavailable` where checking alone takes too long.
 */
export async function recordedInTime<Checked extends { readonly at: Instant }>(
  checked: Checked,
  check: (at: Instant) => Promise<Checked>,
  now: () => Instant,
): Promise<Checked> {
  let latest = checked;
  for (let tries = 0; ; tries += 1) {
    if (now() <= addSeconds(latest.at, mostSecondsOnTheWay)) return latest;
    if (tries === mostTries)
      throw new Failure(
        "unavailable",
        "What is asked before recording takes too long; nothing was recorded: try again.",
      );
    latest = await check(now());
  }
}
