import { frozenSentence } from "../../core/approval/calendar.ts";
import { budgetSentence, loanPeriodOf } from "../../core/approval/loan.ts";
import type { ApprovalRule } from "../../core/approval/matrix.ts";
import { type ApprovalPolicy, calendarNow } from "../../core/approval/promotion-approval.ts";
import type { Instant } from "../../core/encoding/instant.ts";
import { Failure } from "../../core/failure.ts";
import type { LoanBook } from "../../core/promotion/loan.ts";
import type { Promotion } from "../../core/promotion/promotion.ts";

export interface LendingPorts {
  readonly policy: ApprovalPolicy;
  readonly loanBooks: { load(model: string, period: string): Promise<LoanBook | undefined> };
}

/** Why nothing is lent to a promotion at an instant, by whomever: who deploys it, a freeze window, or that the budget is used up. */
export async function whyNothingLent(
  promotion: Promotion,
  { loan }: Pick<ApprovalRule, "loan">,
  at: Instant,
  { policy, loanBooks }: LendingPorts,
): Promise<Failure | undefined> {
  const { target } = promotion.manifest;
  // It is given no passport on loan, so that neither lenders nor a quorum could bring it there.
  if (target.kind === "pipeline")
    return new Failure(
      "loan-refused",
      `What a pipeline deploys, it alone could take back: nothing is lent in '${target.name}'.`,
    );
  const calendar = calendarNow(policy, promotion, at);
  // Nothing is deployed in a window; a loan lends seats and nothing else.
  if (calendar.kind === "frozen")
    return new Failure("change-freeze", `${frozenSentence(calendar)} Nothing is lent before.`);
  if (loan === undefined) return undefined;
  const model = promotion.manifest.model.name;
  const book = await loanBooks.load(model, loanPeriodOf(loan.budget.per, at));
  return (book?.loans.length ?? 0) >= loan.budget.loans
    ? new Failure("loan-refused", budgetSentence(loan, model))
    : undefined;
}
