import { InvalidArgumentError } from "commander";
import { addSeconds, type Instant, instantFromMs } from "../../core/encoding/instant.ts";
import { durationOf } from "../options.ts";

/** A time as somebody types it: from the instant that it counts from, where it is a duration. */
export type Moment = (from: Instant) => Instant;

// A time without its zone would be another one for whoever reads it elsewhere.
const timed = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/;

/** Reads `2026-12-24` (its beginning in UTC), `2026-12-24T18:00+01:00`, or a duration such as `5d`. */
export function momentOf(text: string): Moment {
  if (timed.test(text)) {
    const ms = Date.parse(text);
    // Of days that are in no calendar, such as the 31st of June, JavaScript makes others.
    const [year, month, day] = text.slice(0, 10).split("-").map(Number);
    const last = new Date(Date.UTC(year ?? 0, month ?? 0, 0)).getUTCDate();
    if (ms >= 0 && day !== undefined && day <= last) return () => instantFromMs(ms);
  }
  try {
    const seconds = durationOf(text) / 1000;
    return (from) => addSeconds(from, seconds);
  } catch {
    throw new InvalidArgumentError(
      "Give a day such as 2026-12-24, a time with its zone such as 2026-12-24T18:00+01:00, or a duration such as 5d.",
    );
  }
}
