import type { Instant } from "../../encoding/instant.ts";
import type { LedgerRecord } from "../../promotion/fact.ts";
import { inPlaceBy } from "./what-took-its-place.ts";

/** When a candidate ran, as far as its own records tell: not when a later release took its place. */
export interface ServedWhen {
  /** When its deployment was first begun: from then on it may have got requests. */
  readonly startedAt?: Instant;
  /** When all of it was there first. */
  readonly servedFrom?: Instant;
  /** When it was taken back, if that is the last that is told of it. */
  readonly goneAt?: Instant;
}

export function servedOf(records: readonly { readonly record: LedgerRecord }[]): ServedWhen {
  let served: ServedWhen = {};
  for (const { record } of records) {
    const { at } = record;
    const state = inPlaceBy(record);
    if (state === "under-way") served = { startedAt: at, ...withoutEnd(served) };
    // Policies are put in force and run nowhere.
    else if (served.startedAt === undefined) continue;
    else if (state === "serves") served = { servedFrom: at, ...withoutEnd(served) };
    else if (state === "gone") served = { ...served, goneAt: at };
  }
  return served;
}

function withoutEnd({ goneAt: _, ...began }: ServedWhen): ServedWhen {
  return began;
}
