import { describe, expect, it } from "vitest";
import { minuteText } from "../../../core/encoding/instant.ts";
import { saysDeployed } from "../../../core/promotion/fact.ts";
import {
  isLent,
  loanIn,
  runsOnLoan,
  wasDeployed,
  withLoan,
  withLoanEnded,
  withLoanRatified,
  withLoanRefused,
  withLoanReviewOpened,
  withLoanRunning,
  withLoanTakenBack,
} from "../../../core/promotion/lending.ts";
import { enterLoan, type LenderSignature, type Loan, type LoanBook } from "../../../core/promotion/loan.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { codeOf, told } from "../refusal.ts";
import { cora, dana, deadline, digestOf, id, now, openStage, promotionInReview } from "./promotion-in-review.ts";

const terms = { seconds: 3600, incident: "https://incidents.example/7" };
const signatures = [cora, dana].map(
  ({ identity, name, groups }): LenderSignature => ({
    ...{ id: digestOf(name), promotion: id, review: 1, terms, reason: "It burns.", role: "incident-commander" },
    ...{ reviewer: identity, reviewerName: name, groups, recordedAt: now },
  }),
);
const [first, second] = signatures as [LenderSignature, LenderSignature];
const lenders = [first, second].map(({ role, reviewer, id: signature }) => ({ role, person: reviewer, signature }));
const loan: Loan = { terms, lenders, at: now, until: deadline };
const budget = { period: "2026-Q4", number: 1, of: 2 };
const lent = promotionInReview({ status: "loaned", loan });
const ended = promotionInReview({ status: "expired", loan });
const place = "the endpoint 'credit-scoring'";
const last = (promotion: Promotion | undefined) => promotion?.history.at(-1);

describe("a loan", () => {
  it("lends the missing seats: the review stays open until it is over", () => {
    const promotion = withLoan(promotionInReview(), loan, [first, second], budget, now);
    expect(promotion).toMatchObject({ status: "loaned", loan, expiresAt: deadline });
    expect(promotion.stage).toEqual({ ...openStage(0), deadline });
    expect(last(promotion)).toMatchObject({
      type: "loan",
      at: now,
      summary: `Cora and Dana lent the seats that are missing, until ${minuteText(deadline)}; it is loan 1 of 2 in 2026-Q4.`,
      body: { ...terms, lenders, at: now, until: deadline, budget },
      attachments: [],
    });
    const { stage: _, ...without } = promotionInReview();
    expect(withLoan(without, loan, [first, second], budget, now).stage).toBeUndefined();
  });

  it("serves once it runs, and only while it is lent", () => {
    const running = { ...loan, runningSince: now };
    expect(runsOnLoan({ status: "loaned", loan: running })).toBe(true);
    expect(runsOnLoan({ status: "loaned", loan })).toBe(false);
    expect(runsOnLoan({ status: "expired", loan: running })).toBe(false);
    expect(runsOnLoan({ status: "loaned" })).toBe(false);
  });

  it("that is refused is told once for each second signature", () => {
    const refused = withLoanRefused(promotionInReview(), second, "The budget is used up.", now);
    expect(refused?.status).toBe("in-review");
    expect(last(refused)).toMatchObject({
      ...{ type: "loan-refused", at: now, summary: "The budget is used up.", attachments: [] },
      body: { signature: second.id },
    });
    if (refused === undefined) throw new Error("It was not told.");
    expect(withLoanRefused(refused, second, "Again.", now)).toBeUndefined();
    expect(last(withLoanRefused(refused, first, "Another.", now))?.summary).toBe("Another.");
    const other = { ...lent, history: lent.history.map((fact) => ({ ...fact, body: { signature: second.id } })) };
    expect(withLoanRefused(other, second, "First.", now)).toBeDefined();
  });

  it("runs from when the lent model serves, which is told once", () => {
    const running = withLoanRunning(lent, place, now);
    expect(running?.loan).toEqual({ ...loan, runningSince: now });
    expect(last(running)).toMatchObject({
      type: "loan-running",
      summary: `From now on the endpoint 'credit-scoring' serves the lent model, until ${minuteText(deadline)} unless it is ratified.`,
      body: { endpoint: "credit-scoring" },
      attachments: [],
    });
    expect(
      withLoanRunning(promotionInReview({ status: "loaned", loan: { ...loan, runningSince: now } }), place, now),
    ).toBeUndefined();
    expect(withLoanRunning(ended, place, now)).toBeUndefined();
  });

  it("is ratified by the quorum's verdict", () => {
    const verdict = { sha256: digestOf("verdict"), result: "PASSED", at: now } as const;
    const running = { ...lent, loan: { ...loan, runningSince: now } };
    const ratified = withLoanRatified({ ...running, verdict }, now);
    expect(ratified).toMatchObject({ status: "deployed", loan: { ...running.loan, ratifiedAt: now } });
    expect(last(ratified)).toMatchObject({
      type: "loan-ratified",
      summary: "The quorum has ratified the loan: the model stays.",
      body: { verdict: verdict.sha256 },
    });
    expect(withLoanRatified(running, now)).toBeUndefined();
    expect(withLoanRatified({ ...running, verdict: { ...verdict, result: "FAILED" } }, now)).toBeUndefined();
    expect(withLoanRatified({ ...running, verdict, status: "in-review" }, now)).toBeUndefined();
    // It does not serve yet.
    expect(withLoanRatified({ ...lent, verdict }, now)).toBeUndefined();
  });

  it("ends where nobody ratified it, and closes its stage", () => {
    const over = withLoanEnded(lent, now);
    const reason = `The loan ended at ${minuteText(deadline)} and the quorum had not ratified it.`;
    expect(over).toMatchObject({ status: "expired", reason, stage: { open: false } });
    expect(last(over)).toMatchObject({ type: "loan-ended", summary: reason, body: { until: deadline } });
    const { stage: _, ...without } = lent;
    expect(withLoanEnded(without, now)?.stage).toBeUndefined();
    expect(withLoanEnded(ended, now)).toBeUndefined();
  });

  it("is taken back once, to what served before", () => {
    const back = withLoanTakenBack(ended, { serves: "config-7", place }, now);
    expect(back?.loan).toEqual({ ...loan, takenBackAt: now });
    expect(last(back)).toMatchObject({
      type: "loan-taken-back",
      summary: "What was lent is taken back: the endpoint 'credit-scoring' serves another model again.",
      body: { endpoint: "credit-scoring", serves: "config-7" },
    });
    expect(last(withLoanTakenBack(ended, { serves: undefined, place }, now))).toMatchObject({
      summary: "What was lent is taken back: the endpoint 'credit-scoring' is gone, as it was before.",
      body: { endpoint: "credit-scoring", serves: null },
    });
    const taken = promotionInReview({ status: "expired", loan: { ...loan, takenBackAt: now } });
    expect(withLoanTakenBack(taken, { serves: "config-7", place }, now)).toBeUndefined();
  });

  it("is looked at afterwards, once", () => {
    const reviewed = withLoanReviewOpened(ended, now);
    expect(last(reviewed)).toMatchObject({
      type: "loan-review-opened",
      summary: "A review of the loan is open: why it was needed, what it did, and why nobody ratified it.",
      body: { incident: terms.incident, lenders: [cora.identity, dana.identity] },
    });
    expect(reviewed === undefined ? undefined : withLoanReviewOpened(reviewed, now)).toBeUndefined();
  });
});

describe("whether something is lent", () => {
  it("is so until the quorum ratifies it", () => {
    expect([isLent(lent), isLent(ended), isLent(promotionInReview())]).toEqual([true, true, false]);
    expect(isLent(promotionInReview({ loan: { ...loan, ratifiedAt: now } }))).toBe(false);
    expect(loanIn(lent)).toBe(loan);
    expect(told(codeOf(() => loanIn(promotionInReview())))).toBe("conflict: Nothing was lent to this promotion.");
  });

  it("came so far as to serve once a deployment began", () => {
    const of = (...types: readonly ("gates" | "deployment-started")[]) =>
      wasDeployed({
        history: types.map((type) => ({ id: type, type, at: now, summary: "", body: {}, attachments: [] })),
      });
    expect([of(), of("gates"), of("gates", "deployment-started"), of("deployment-started", "gates")]).toEqual([
      ...[false, false, true, true],
    ]);
  });

  it("is deployed by what is told of it, watched or ratified", () => {
    expect(
      (["deployed", "loan-ratified", "loan-running", "gates"] as const).map((type) => saysDeployed({ type })),
    ).toEqual([...[true, true, false, false]]);
  });
});

describe("a model's budget of loans", () => {
  const book: LoanBook = { revision: 4, loans: [digestOf("a"), digestOf("b")] };

  it("counts each loan once, from 1", () => {
    expect(enterLoan(undefined, digestOf("a"), 2)).toEqual({
      ...{ kind: "entered", number: 1 },
      book: { revision: 1, loans: [digestOf("a")] },
    });
    expect(enterLoan(book, digestOf("c"), 3)).toEqual({
      ...{ kind: "entered", number: 3 },
      book: { revision: 5, loans: [...book.loans, digestOf("c")] },
    });
    expect(enterLoan(book, digestOf("a"), 2)).toEqual({ kind: "entered", number: 1 });
    expect(enterLoan(book, digestOf("b"), 1)).toEqual({ kind: "entered", number: 2 });
  });

  it("is used up once there are as many as there may be", () => {
    expect(enterLoan(book, digestOf("c"), 2)).toEqual({ kind: "used-up" });
    expect(enterLoan(undefined, digestOf("a"), 0)).toEqual({ kind: "used-up" });
  });
});
