import { canonicalJsonBytes } from "../encoding/canonical-json.ts";
import { wellFormed } from "../encoding/well-formed.ts";
import type { Fact, LedgerRecord } from "./fact.ts";
import { listsApart } from "./lists-apart.ts";

/**
 * A fact as an entry of the ledger: canonical JSON of the record. Lists that it would not hold are a document beside it. What somebody
 * else said may have been cut in the middle of a character: that is no reason to have no record of it.
 */
export function ledgerEntry(fact: Fact): Uint8Array {
  const record: LedgerRecord = { ...listsApart(fact).fact, recordVersion: 1 };
  return canonicalJsonBytes(wellFormed(record));
}

/** Something that keeps its own facts, oldest first, and only ever adds to them. */
interface WithHistory {
  readonly history: readonly Fact[];
}

/** The facts that a change of a promotion or an export added; all of them where there was none before. */
export function newFacts(before: WithHistory | undefined, after: WithHistory): readonly Fact[] {
  return after.history.slice(before?.history.length ?? 0);
}
