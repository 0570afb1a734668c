import { type Instant, minuteText } from "../encoding/instant.ts";
import { Failure } from "../failure.ts";
import type { Fact } from "./fact.ts";
import { advance } from "./life-cycle.ts";
import type { LenderSignature, Loan } from "./loan.ts";
import type { Promotion } from "./promotion.ts";

// What becomes of a loan, each as one change of the promotion with its fact. Each may be asked for again: what was told
// already is not told twice, and answers `undefined`.

/** The loan's place in the model's budget. */
export interface BudgetPlace {
  readonly period: string;
  readonly number: number;
  readonly of: number;
}

/** Whether a promotion runs, or ran, on loan and no quorum approved it: it may not go on serving once it has ended. */
export function isLent({ loan }: Pick<Promotion, "loan">): boolean {
  return loan !== undefined && loan.ratifiedAt === undefined;
}

/** Whether what is lent serves: before that there is nothing that a quorum could let stay. */
export function runsOnLoan({ status, loan }: Pick<Promotion, "status" | "loan">): boolean {
  return status === "loaned" && loan?.runningSince !== undefined;
}

/** Whether what is lent came so far that it may serve. */
export function wasDeployed({ history }: Pick<Promotion, "history">): boolean {
  return history.some(({ type }) => type === "deployment-started");
}

/** The loan of a promotion. Throws `conflict` where it has none. */
export function loanIn({ loan }: Pick<Promotion, "loan">): Loan {
  if (loan === undefined) throw new Failure("conflict", "Nothing was lent to this promotion.");
  return loan;
}

/** The missing seats are lent. The review stays open, and is over when the loan is. */
export function withLoan(
  promotion: Promotion,
  loan: Loan,
  [first, second]: readonly [LenderSignature, LenderSignature],
  budget: BudgetPlace,
  at: Instant,
): Promotion {
  const { stage } = promotion;
  return advance(
    promotion,
    {
      status: "loaned",
      loan,
      expiresAt: loan.until,
      ...(stage === undefined ? {} : { stage: { ...stage, deadline: loan.until } }),
    },
    {
      type: "loan",
      at,
      summary: `${first.reviewerName} and ${second.reviewerName} lent the seats that are missing, until ${minuteText(loan.until)}; it is loan ${budget.number} of ${budget.of} in ${budget.period}.`,
      body: {
        lenders: loan.lenders.map(({ role, person, signature }) => ({ role, person: { ...person }, signature })),
        seconds: loan.terms.seconds,
        incident: loan.terms.incident,
        at: loan.at,
        until: loan.until,
        budget: { ...budget },
      },
      attachments: [],
    },
  );
}

/** Whether it was told already that nothing is lent by this signature. */
export function isLoanRefused({ history }: Pick<Promotion, "history">, { id }: Pick<LenderSignature, "id">): boolean {
  return history.some(({ type, body }) => type === "loan-refused" && body["signature"] === id);
}

/** Two people signed, and nothing is lent all the same. */
export function withLoanRefused(
  promotion: Promotion,
  second: LenderSignature,
  why: string,
  at: Instant,
): Promotion | undefined {
  if (isLoanRefused(promotion, second)) return undefined;
  return advance(
    promotion,
    {},
    { type: "loan-refused", at, summary: why, body: { signature: second.id }, attachments: [] },
  );
}

/** The lent model serves. `place`: where, for people. */
export function withLoanRunning(promotion: Promotion, place: string, at: Instant): Promotion | undefined {
  const loan = loanIn(promotion);
  if (loan.runningSince !== undefined || promotion.status !== "loaned") return undefined;
  const { endpoint } = promotion.manifest.target;
  const summary = `From now on ${place} serves the lent model, until ${minuteText(loan.until)} unless it is ratified.`;
  return advance(promotion, { loan: { ...loan, runningSince: at } }, fact("loan-running", at, summary, { endpoint }));
}

/** The quorum approved what was lent and runs, and everything was verified: from now on it is deployed. */
export function withLoanRatified(promotion: Promotion, at: Instant): Promotion | undefined {
  if (!runsOnLoan(promotion) || promotion.verdict?.result !== "PASSED") return undefined;
  const loan = loanIn(promotion);
  const summary = "The quorum has ratified the loan: the model stays.";
  return advance(
    promotion,
    { status: "deployed", loan: { ...loan, ratifiedAt: at } },
    fact("loan-ratified", at, summary, { verdict: promotion.verdict.sha256 }),
  );
}

/** The loan is over and nobody ratified it: it ends, and is taken back. */
export function withLoanEnded(promotion: Promotion, at: Instant): Promotion | undefined {
  if (promotion.status !== "loaned") return undefined;
  const { until } = loanIn(promotion);
  const { stage } = promotion;
  const reason = `The loan ended at ${minuteText(until)} and the quorum had not ratified it.`;
  return advance(
    promotion,
    { status: "expired", reason, ...(stage === undefined ? {} : { stage: { ...stage, open: false } }) },
    fact("loan-ended", at, reason, { until }),
  );
}

/** What served before serves again, or nothing where nothing did. `serves`: the target's name for it; `place`: where, for people. */
export function withLoanTakenBack(
  promotion: Promotion,
  { serves, place }: { readonly serves: string | undefined; readonly place: string },
  at: Instant,
): Promotion | undefined {
  const loan = loanIn(promotion);
  if (loan.takenBackAt !== undefined) return undefined;
  const { endpoint } = promotion.manifest.target;
  const summary =
    serves === undefined
      ? `What was lent is taken back: ${place} is gone, as it was before.`
      : `What was lent is taken back: ${place} serves another model again.`;
  return advance(
    promotion,
    { loan: { ...loan, takenBackAt: at } },
    fact("loan-taken-back", at, summary, { endpoint, serves: serves ?? null }),
  );
}

/** A loan that was not ratified is looked at afterwards: by those whose signatures it did without, and those who lent them. */
export function withLoanReviewOpened(promotion: Promotion, at: Instant): Promotion | undefined {
  if (promotion.history.some(({ type }) => type === "loan-review-opened")) return undefined;
  const { lenders, terms } = loanIn(promotion);
  return advance(
    promotion,
    {},
    fact(
      "loan-review-opened",
      at,
      "A review of the loan is open: why it was needed, what it did, and why nobody ratified it.",
      { incident: terms.incident, lenders: lenders.map(({ person }) => ({ ...person })) },
    ),
  );
}

function fact(type: Fact["type"], at: Instant, summary: string, body: Fact["body"]): Omit<Fact, "id" | "promotion"> {
  return { type, at, summary, body, attachments: [] };
}
