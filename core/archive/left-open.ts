import type { FactType, LedgerRecord } from "../promotion/fact.ts";
import type { PromotionId } from "../promotion/promotion-id.ts";
import { outcomeOf } from "./outcome.ts";

// What was verified before becomes wrong by time alone where something is left to be told: that a loan ended and was taken
// back, and that what was asked for, or stopped by somebody, came to its end.

/** Which promotions leave something to be told, by records that come one after the other. */
export interface LeftOpen {
  readonly tell: (promotion: PromotionId, record: LedgerRecord) => void;
  readonly promotions: () => readonly PromotionId[];
}

export function leftOpen(): LeftOpen {
  const lent = new Map<PromotionId, "running" | "ended">();
  const asked = new Set<PromotionId>();
  return {
    tell: (promotion, record) => {
      if (record.type === "loan") lent.set(promotion, "running");
      else if (isGone(record, lent.get(promotion))) lent.delete(promotion);
      else if (lent.has(promotion) && endsLoan(record)) lent.set(promotion, "ended");
      if (record.type === "request") asked.add(promotion);
      else if (outcomeOf([{ record }]) !== undefined) asked.delete(promotion);
    },
    promotions: () => [...lent.keys(), ...asked],
  };
}

/** Whether a promotion may leave something to be told or done, or something that others may be told to have had: its place in a budget. */
export function leavesOpen(records: readonly { readonly record: LedgerRecord }[]): boolean {
  if (records.some(({ record: { type } }) => type === "loan" || type === "drift" || type === "intruder-found"))
    return true;
  return outcomeOf(records) === undefined;
}

/** Whether nothing of a loan is left to be told: it was ratified, or what was lent serves no more, or never did. */
function isGone({ type }: LedgerRecord, loan: "running" | "ended" | undefined): boolean {
  return type === "loan-ratified" || type === "loan-taken-back" || (type === "clean-up" && loan === "ended");
}

function endsLoan({ type, body }: LedgerRecord): boolean {
  return loanEnds.has(type) || (type === "verdict" && body["result"] === "FAILED");
}

const loanEnds: ReadonlySet<FactType> = new Set(["loan-ended", "rejected", "blocked", "rolled-back", "failed"]);
