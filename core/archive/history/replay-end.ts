import type { LedgerRecord } from "../../promotion/fact.ts";
import type { Change } from "../../promotion/life-cycle.ts";
import type { Promotion } from "../../promotion/promotion.ts";
import { bodyOf } from "../documents/fact-bodies.ts";
import { misplaced } from "./misplaced.ts";

/** What a record that ends a promotion changes, but for what was blocked and for the end of a loan. */
export function endChange({ stage, status }: Promotion, record: LedgerRecord): Change {
  const { type, summary: reason } = record;
  const closed = stage === undefined ? {} : { stage: { ...stage, open: false } };
  switch (type) {
    case "rolled-back":
    case "failed":
      return { status: type, reason };
    case "expired":
      // Else nothing would say when the loan was over, nor be asked whether it had been rejected before.
      if (status === "loaned") throw misplaced(record, "what is lent ends with its loan");
      return { status: type, reason, ...closed };
    case "rejected":
    case "withdrawn":
      return { status: type, reason, ...closed };
    case "superseded":
      return { status: type, reason, supersededBy: bodyOf("superseded", record).by, ...closed };
    default:
      throw misplaced(record, "it ends no promotion");
  }
}
