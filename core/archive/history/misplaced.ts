import { Failure } from "../../failure.ts";
import type { LedgerRecord } from "../../promotion/fact.ts";

/** A record that cannot follow what was before it, and why. */
export function misplaced(record: LedgerRecord, why: string): Failure {
  return new Failure("conflict", `The record '${record.id}' (${record.type}) cannot stand where it does: ${why}.`);
}
