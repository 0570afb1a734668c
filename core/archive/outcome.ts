import type { LedgerRecord } from "../promotion/fact.ts";

/** Records that say what a promotion came to, in a word. */
const outcomes: Readonly<Partial<Record<LedgerRecord["type"], string>>> = {
  deployed: "Deployed",
  "loan-ratified": "Deployed",
  "loan-ended": "Expired",
  "rolled-back": "Rolled back",
  blocked: "Blocked",
  rejected: "Rejected",
  expired: "Expired",
  withdrawn: "Withdrawn",
  superseded: "Superseded",
  failed: "Failed",
};

/** What a promotion came to last, and the record that says so; `undefined` where nothing was decided yet. */
export function outcomeOf(
  records: readonly { readonly record: LedgerRecord }[],
): { readonly word: string; readonly record: LedgerRecord } | undefined {
  const last = records.findLast(({ record }) => record.type in outcomes)?.record;
  const word = last === undefined ? undefined : outcomes[last.type];
  return last === undefined || word === undefined ? undefined : { word, record: last };
}
