import { canonicalJsonBytes } from "../encoding/canonical-json.ts";
import type { Fact, LedgerRecord } from "./fact.ts";
import type { Promotion } from "./promotion.ts";

/** A fact as an entry of the ledger: canonical JSON of the record. */
export function ledgerEntry(fact: Fact): Uint8Array {
  const record: LedgerRecord = { ...fact, recordVersion: 1 };
  return canonicalJsonBytes(record);
}

/** The facts that a change of a promotion added; all of them where there was none before. */
export function newFacts(before: Promotion | undefined, after: Promotion): readonly Fact[] {
  return after.history.slice(before?.history.length ?? 0);
}
