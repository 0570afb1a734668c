import { budgetSentence, confirmedLoans, loanOf, loanPeriodOf } from "../../core/approval/loan.ts";
import type { LoanPolicy } from "../../core/approval/matrix.ts";
import { approvalInputOf, groupsOf, openStageOf } from "../../core/approval/promotion-approval.ts";
import type { Instant } from "../../core/encoding/instant.ts";
import type { Sha256 } from "../../core/encoding/sha256.ts";
import { type BudgetPlace, isLoanRefused, withLoan, withLoanRefused } from "../../core/promotion/lending.ts";
import { enterLoan, type LoanBook } from "../../core/promotion/loan.ts";
import type { Promotion } from "../../core/promotion/promotion.ts";
import { recordedInTime } from "../recorded-in-time.ts";
import type { ReviewDecisionPorts, ReviewToDecide } from "../review/review-decision.ts";
import { signedAbout, withWhoSigned } from "./who-signed.ts";

export interface LentSeatsPorts extends ReviewDecisionPorts {
  readonly loanBooks: {
    load(model: string, period: string): Promise<LoanBook | undefined>;
    move(model: string, period: string, next: LoanBook): Promise<"moved" | "lost">;
  };
}

/**
 * The promotion with the seats that two lenders lent it, or told why nothing is lent; `undefined` where nobody did, or that was
 * told. What was not given keeps nothing of what two ask for later from being so.
 */
export async function lentSeats(
  ports: LentSeatsPorts,
  promotion: Promotion,
  { requirements, signOffs: signedNow, now }: ReviewToDecide,
): Promise<Promotion | undefined> {
  const stage = openStageOf(promotion);
  const { loan: policy } = requirements.rule;
  if (promotion.status !== "in-review" || stage === undefined || policy === undefined) return undefined;
  const asked = async () =>
    (await ports.promotions.loans(promotion.id)).filter(({ signature }) => signature.recordedAt < stage.deadline);
  if ((await asked()).length < 2) return undefined;
  const members = await ports.directory.everybody(groupsOf(requirements));
  // As in `reviewDecision`: the directory may take long, and the loan is given by what was signed when it had answered.
  const read = async (at: Instant) => {
    const [loans, recorded] = [await asked(), await signedNow()];
    return { at, loans, recorded, signed: { ...(await signedAbout(promotion, recorded, ports)), loans } };
  };
  const { at, loans, recorded, signed } = await recordedInTime(await read(now()), read, now);
  const approval = approvalInputOf(promotion, requirements, {
    people: withWhoSigned(ports.policy.people, signed),
    members,
    signOffs: recorded.map(({ signOff }) => signOff),
    entitlement: "as-signed",
    now: at,
  });
  const signatures = loans.map(({ signature }) => signature);
  const untold = confirmedLoans(signatures, { promotion, approval })
    .filter(({ second }) => !isLoanRefused(promotion, second))
    .map((pair) => ({ ...pair, loan: loanOf(pair.first, pair.second) }));
  const pair = untold.find((each) => each.loan.until > at) ?? untold[0];
  if (pair === undefined) return undefined;
  const { first, second, loan } = pair;
  if (loan.until <= at) return withLoanRefused(promotion, second, overSentence, at);
  const model = promotion.manifest.model.name;
  const place = await placeInBudget(ports, model, policy, { signature: second.id, at: loan.at });
  return place === undefined
    ? withLoanRefused(promotion, second, budgetSentence(policy, model), at)
    : withLoan(promotion, loan, [first, second], place, at);
}

const overSentence = "The time that was asked for was over before the loan could be given.";

/**
 * The loan's place in the budget of its model, written before the loan is given: of two that come at once each sees the
 * other. A loan that is entered and then not given, since a rejection was quicker, counts all the same.
 */
async function placeInBudget(
  { loanBooks }: Pick<LentSeatsPorts, "loanBooks">,
  model: string,
  { budget }: LoanPolicy,
  { signature, at }: { readonly signature: Sha256; readonly at: Instant },
): Promise<BudgetPlace | undefined> {
  const period = loanPeriodOf(budget.per, at);
  for (;;) {
    const entry = enterLoan(await loanBooks.load(model, period), signature, budget.loans);
    if (entry.kind === "used-up") return undefined;
    if (entry.book === undefined || (await loanBooks.move(model, period, entry.book)) === "moved")
      return { period, number: entry.number, of: budget.loans };
  }
}
