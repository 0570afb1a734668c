import { addSeconds, type Instant, instantFromMs, msOfInstant } from "../encoding/instant.ts";
import type { TimedHead } from "../ledger/verify-log.ts";
import type { PromotionId } from "../promotion/promotion-id.ts";
import type { HeadTimes } from "./checkpoint-age.ts";
import type { InspectedRecords } from "./inspected-records.ts";
import { onItsWaySeconds } from "./pack/on-its-way.ts";
import type { PackFinding } from "./pack/pack-findings.ts";
import { recordPath } from "./pack/pack-layout.ts";
import type { RecordsVerification } from "./verify-records.ts";

// A record says when it was; the checkpoints say when the log had it, and when it had it not yet. The log signs these times
// itself, but each is in the hands of whoever kept the checkpoint, and witnesses sign times of their own.

/** The clocks of functions, of the log and of witnesses differ by less. */
const clocksWithinSeconds = 60;

/** When a record came into the log that came long after it says it was. */
export interface CameLate {
  /** The log was signed without it as late as then, or, where nothing was signed in between, with it no earlier. */
  readonly after: Instant;
  /** Which of the two. */
  readonly signed: "without it" | "with it";
}

/** Records that came late, by their indices. */
export type LateRecords = ReadonlyMap<number, CameLate>;

/** Records of whose time no checkpoint says anything that is near it. */
export interface UnshownRecords {
  readonly count: number;
  readonly first: number;
}

/** When which tree was the latest: by the log's own kept checkpoints, by its head, and by witnesses of that. */
export function timedHeads(
  { checkpoint, at, kept = [] }: Pick<RecordsVerification, "checkpoint" | "at" | "kept">,
  witnesses: HeadTimes["witnesses"],
): readonly TimedHead[] {
  const seen = [at, ...witnesses.map((each) => each.at)];
  return [
    ...kept,
    ...seen.flatMap((signed) =>
      checkpoint === undefined || signed === undefined ? [] : { size: checkpoint.size, at: signed },
    ),
  ];
}

/** As late as the log is known to go on: what should have happened by then is in it. By its records where nobody signed when. */
export function goesTo(heads: readonly TimedHead[], times: Float64Array): Instant | undefined {
  const known = heads.length === 0 ? times : heads.map(({ at }) => msOfInstant(at));
  let latest = Number.NEGATIVE_INFINITY;
  for (const each of known) if (each > latest) latest = each;
  return Number.isFinite(latest) ? instantFromMs(latest) : undefined;
}

/**
 * Holds the times of records against the checkpoints that have them, and those that have them not yet. A record of a time to
 * come is wrong; one that is late may have been on its way, and what its time bounds is not shown by the log. Nobody signs again
 * for good what stays the same: a log that rests keeps no checkpoint, and one that is `whole` tells by the first that has a
 * record too, since the log signs what it appends within seconds. So whoever leaves checkpoints out has more come late, not less.
 */
export function recordedWhen(
  { indices, times, promotionOf }: Pick<InspectedRecords, "indices" | "times" | "promotionOf">,
  heads: readonly TimedHead[],
  { whole }: { readonly whole: boolean },
): {
  readonly findings: readonly PackFinding[];
  readonly late: LateRecords;
  readonly unshown?: UnshownRecords;
} {
  const sorted = heads.toSorted((a, b) => a.size - b.size);
  // The earliest that any checkpoint of this size or a larger one was signed.
  const had = sorted.map(({ at }) => msOfInstant(at));
  for (let place = had.length - 2; place >= 0; place -= 1)
    had[place] = Math.min(had[place] ?? 0, had[place + 1] ?? Number.POSITIVE_INFINITY);
  // A log of a million records may say so of each: one is told of every promotion, and one of the installation.
  const early = new Map<PromotionId | undefined, { index: number; said: number; latest: number; others: number }>();
  const late = new Map<number, CameLate>();
  // Of a million records that nobody signed for in time all may have come by the same checkpoint.
  let came: (CameLate & { readonly ms: number }) | undefined;
  let unshown: UnshownRecords | undefined;
  let place = 0;
  let lacked = Number.NEGATIVE_INFINITY;
  for (const [at, index] of indices.entries()) {
    for (let next = sorted[place]; next !== undefined && next.size <= index; next = sorted[place]) {
      lacked = Math.max(lacked, msOfInstant(next.at));
      place += 1;
    }
    const said = times[at] ?? Number.NaN;
    const latest = had[place];
    if (latest !== undefined && said > latest + clocksWithinSeconds * 1000) {
      const promotion = promotionOf(index);
      const first = early.get(promotion);
      if (first === undefined) early.set(promotion, { index, said, latest, others: 0 });
      else first.others += 1;
    }
    const signed = whole && latest !== undefined && latest > lacked ? "with it" : "without it";
    const ms = signed === "with it" && latest !== undefined ? latest : lacked;
    if (said < ms - onItsWaySeconds * 1000) {
      if (came?.ms !== ms || came.signed !== signed) came = { ms, after: instantFromMs(ms), signed };
      late.set(index, came);
    }
    if (latest === undefined || said < latest - onItsWaySeconds * 1000)
      unshown = { first: index, ...unshown, count: (unshown?.count ?? 0) + 1 };
  }
  const findings = [...early].map(([promotion, { index, said, latest, others }]): PackFinding => {
    const besides = others === 0 ? "" : ` So do ${others} others of the same.`;
    return {
      code: "order",
      path: recordPath(index),
      ...(promotion === undefined ? {} : { promotion }),
      sentence: `${recordPath(index)} says that it was at ${instantFromMs(said)}, and the log had it by ${instantFromMs(latest)}.${besides}`,
    };
  });
  return { findings, late, ...(unshown === undefined ? {} : { unshown }) };
}

/** What is said of records whose time no checkpoint of the pack bounds. */
export function whenUnshown({ count, first }: UnshownRecords, records: number): string {
  return `Whether ${count} of ${records} records, ${recordPath(first)} first, were as early as they say: the first checkpoint in the pack that has them was signed more than a quarter of an hour later. The log keeps the first that it signs of each size: where the pack leaves none out, they came that late.`;
}

/** The earliest that a record may have been which came late. */
export function earliestOf(after: Instant): Instant {
  return addSeconds(after, -onItsWaySeconds);
}
