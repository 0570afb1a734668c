import type { LedgerRecord } from "../../promotion/fact.ts";
import { isLent, runsOnLoan, wasDeployed } from "../../promotion/lending.ts";
import { type Change, hasEnded } from "../../promotion/life-cycle.ts";
import type { Loan } from "../../promotion/loan.ts";
import type { Promotion, Status } from "../../promotion/promotion.ts";
import { bodyOf } from "../documents/fact-bodies.ts";
import { misplaced } from "./misplaced.ts";

/** What a record about a loan changes. The counterpart of core/promotion/lending.ts. */
export function loanChange(promotion: Promotion, record: LedgerRecord): Change {
  const { at, summary: reason } = record;
  const closed = promotion.stage === undefined ? {} : { stage: { ...promotion.stage, open: false } };
  if (record.type === "loan-refused") return {};
  if (record.type === "loan") return given(promotion, record);
  const { loan } = promotion;
  if (loan === undefined) throw misplaced(record, "nothing was lent");
  switch (record.type) {
    case "loan-running":
      if (!startedOnLoan(promotion)) throw misplaced(record, "what is lent was never deployed");
      if (promotion.status !== "loaned" || loan.runningSince !== undefined)
        throw misplaced(record, "what is lent begins to run once, before its loan is over");
      return { loan: { ...loan, runningSince: at } };
    case "loan-ratified":
      if (!runsOnLoan(promotion)) throw misplaced(record, "what is lent does not run");
      if (promotion.verdict?.result !== "PASSED")
        throw misplaced(record, "no verdict says that the quorum approved it");
      return { status: "deployed", loan: { ...loan, ratifiedAt: at } };
    case "loan-ended":
      if (promotion.status !== "loaned") throw misplaced(record, `the promotion is ${promotion.status}`);
      return { status: "expired", reason, ...closed };
    case "loan-taken-back":
      requireUnratified(promotion, loan, record);
      return { loan: { ...loan, takenBackAt: at } };
    case "loan-review-opened":
      requireEnded(promotion, record);
      return {};
    default:
      throw misplaced(record, "it says nothing of a loan");
  }
}

function given(promotion: Promotion, record: LedgerRecord): Change {
  const { stage, loan: earlier } = promotion;
  if (promotion.status !== "in-review" || stage?.open !== true || earlier !== undefined)
    throw misplaced(record, "seats are lent once, while a stage is open");
  const { lenders, seconds, incident, at, until } = bodyOf("loan", record);
  return {
    status: "loaned",
    loan: { terms: { seconds, incident }, lenders, at, until },
    expiresAt: until,
    stage: { ...stage, deadline: until },
  };
}

function requireUnratified(promotion: Promotion, { takenBackAt }: Loan, record: LedgerRecord): void {
  requireEnded(promotion, record);
  if (takenBackAt !== undefined) throw misplaced(record, "it was taken back before");
}

function requireEnded(promotion: Promotion, record: LedgerRecord): void {
  if (!hasEnded(promotion.status) || !isLent(promotion)) throw misplaced(record, "the loan has not ended");
  // Otherwise what ran on loan could be left out, and its end told.
  if (!wasDeployed(promotion)) throw misplaced(record, "nothing was deployed");
}

/** Whether what is lent began to be deployed; what was taken back before it was lent does not count. */
export function startedOnLoan({ history }: Promotion): boolean {
  const lent = history.findLastIndex(({ type }) => type === "loan");
  return history.findLastIndex(({ type }) => type === "deployment-started") > lent;
}

/** What is lent stays so, whatever its review comes to, until it is ratified or ends. */
export function lentOr(promotion: Promotion, status: "in-review" | "approved"): Status {
  return promotion.status === "loaned" ? "loaned" : status;
}
