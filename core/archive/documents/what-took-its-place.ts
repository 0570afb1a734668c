import type { Instant } from "../../encoding/instant.ts";
import type { LedgerRecord } from "../../promotion/fact.ts";

/** What became of a deployment in the place that it was for. */
export type InPlace = "under-way" | "serves" | "gone";

/** What a record says of where its promotion's deployment is by then; `undefined` where it says nothing of it. */
export function inPlaceBy({ type, body }: LedgerRecord): InPlace | undefined {
  switch (type) {
    case "deployment-started":
      return "under-way";
    case "deployed":
    case "loan-running":
    case "loan-ratified":
      return "serves";
    case "rolled-back":
    case "failed":
    case "loan-taken-back":
      return "gone";
    case "seat-reopened":
      return "breach" in body ? "gone" : undefined;
    case "remedy":
      return body["state"] === "done" ? "gone" : undefined;
    default:
      return undefined;
  }
}

/** Where a deployment is at the end of its promotion's records, and since when; `undefined` where it was never begun. */
export function inPlace(
  records: readonly { readonly record: LedgerRecord }[],
): { readonly state: InPlace; readonly at: Instant } | undefined {
  let found: { readonly state: InPlace; readonly at: Instant } | undefined;
  for (const { record } of records) {
    const state = inPlaceBy(record);
    if (state !== undefined && (found !== undefined || state === "under-way")) found = { state, at: record.at };
  }
  return found;
}
