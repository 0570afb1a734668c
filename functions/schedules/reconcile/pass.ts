import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";

/** How far a comparison of table and ledger has come; kept, so that a long one goes on in the next run. */
export interface Pass {
  readonly begunAt: Instant;
  /** Entries under the checkpoint when it began: later ones are for the next pass. */
  readonly size: number;
  readonly phase:
    | { readonly kind: "ledger"; readonly next: number }
    | { readonly kind: "table"; readonly from?: string }
    | { readonly kind: "finished" };
  readonly facts: number;
  readonly records: number;
  /** Those that rang the alarm. */
  readonly differences: number;
  /** Facts that the log has and that no marker says are there, so that they would be appended once more. */
  readonly unmarked: readonly string[];
  /** The version of the policies that came in force last, by what the log tells, and the highest number of any; absent before the first. */
  readonly policies?: {
    readonly since: Instant;
    readonly number: number;
    readonly digest: string;
    readonly highest: number;
  };
  /** The differences that people have explained, as far as this pass and those before it came upon them: rung for once. */
  readonly explained: readonly string[];
  /** The same of the pass before. */
  readonly explainedBefore: readonly string[];
}

/** Half an hour less than a day: a schedule that rings a little early must not put it off by a whole hour. */
const betweenPassesSeconds = 23.5 * 3600;
/** A pass that takes longer than this has stopped, or the ledger has outgrown it. */
const longestPassSeconds = 36 * 3600;

/** The pass to work on now: the one that is under way, a new one once a day, or none. */
export function passNow(latest: Pass | undefined, size: number, now: Instant): Pass | undefined {
  const fresh: Pass = {
    ...{ begunAt: now, size, phase: { kind: "ledger", next: 0 }, facts: 0, records: 0, differences: 0 },
    ...{ unmarked: [], explained: [], explainedBefore: latest?.explained ?? [] },
  };
  // A version of before kept less of its pass: it begins anew.
  if (latest?.unmarked === undefined) return fresh;
  if (latest.phase.kind !== "finished") return latest;
  return now >= addSeconds(latest.begunAt, betweenPassesSeconds) ? fresh : undefined;
}

/** Whether a pass that is under way should have come to its end long ago. */
export function isLate({ begunAt }: Pass, now: Instant): boolean {
  return now >= addSeconds(begunAt, longestPassSeconds);
}
