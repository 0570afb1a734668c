import type { LedgerRecord } from "../../promotion/fact.ts";

/** Whether a record says what the gates came to: also where they passed and the matrix could not be decided. */
export function wasJudged(record: LedgerRecord): boolean {
  const { type, body } = record;
  return type === "gates" || (type === "blocked" && (body["step"] === "gates" || body["step"] === "matrix"));
}
