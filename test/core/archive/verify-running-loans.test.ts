import { describe, expect, it } from "vitest";
import type { Step } from "../../../core/archive/history/replay-promotion.ts";
import {
  budgetedLoan,
  goneUntold,
  recheckBudgets,
  recheckEnds,
  runningLoan,
} from "../../../core/archive/promotion/verify-loans.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Loan } from "../../../core/promotion/loan.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { told } from "./told.ts";
import { deployed, fromEnd, lent, loan, loanIn, ratified, sentences } from "./told-loan.ts";
import { knowing, sayingIn, stepOf, withStep } from "./told-steps.ts";

describe("what was lent", () => {
  it("is deployed before the loan is over", () => {
    expect(sentences({ steps: fromEnd("deployment-started", 4) })).toEqual([]);
    expect(sentences({ steps: fromEnd("deployment-started", 5) })).toEqual([
      "What was lent was deployed when the loan was over.",
    ]);
    const quorums = knowing(fromEnd("deployment-started", 5), "deployment-started", {
      loan: { ...loan, ratifiedAt: loan.at },
    });
    expect(sentences({ steps: quorums })).toEqual([]);
  });

  it("ends no sooner than the loan", () => {
    expect(sentences({ steps: fromEnd("loan-ended", -5) })).toEqual([]);
    expect(sentences({ steps: fromEnd("loan-ended", -6) })).toEqual([
      `The loan was to last until ${loan.until}, and is said to have ended before.`,
    ]);
  });

  it("serves no more once it was taken back", () => {
    expect(sentences({ steps: sayingIn(lent.steps, "loan-taken-back", { serves: told.lent }) })).toEqual([
      "The loan is said to be taken back, and what was lent still serves.",
    ]);
    expect(sentences({ steps: sayingIn(lent.steps, "loan-taken-back", { serves: null }) })).toEqual([]);
  });

  it("is taken back before it is cleaned up, unless it never ran or its quorum approved it", () => {
    const { takenBackAt: _, ...untaken } = loanIn(stepOf(lent.steps, "clean-up"));
    const { history } = stepOf(lent.steps, "clean-up").before ?? expect.unreachable();
    const cleaned = (change: { readonly loan: Loan; readonly history?: typeof history }) =>
      sentences({
        steps: withStep(knowing(lent.steps, "clean-up", change), "clean-up", ({ after }) => ({
          after: { ...after, loan: change.loan },
        })),
      });
    expect(cleaned({ loan: untaken })).toEqual([
      "What was lent was cleaned up, and nothing says that it was taken back.",
    ]);
    const unreviewed = history.filter(({ type }) => type !== "loan-review-opened");
    expect(cleaned({ loan: { ...untaken, takenBackAt: loan.until }, history: unreviewed })).toEqual([
      "What was lent was cleaned up, and no review of the loan was opened.",
    ]);
    expect(cleaned({ loan: { ...untaken, ratifiedAt: loan.at } })).toEqual([]);
    expect(cleaned({ loan: untaken, history: [] })).toEqual([]);
    // What was taken back in an earlier review, before it was lent, is not what was lent.
    const earlier = history.filter(({ type }) => type === "deployment-started" || type === "loan");
    expect(cleaned({ loan: untaken, history: earlier.toSorted((a, b) => (a.type < b.type ? -1 : 1)) })).toEqual([]);
  });
});

describe("the budget of a model", () => {
  const place = { promotion: told.lent, index: 7, model: "credit-scoring", period: "2026-Q4", number: 1 };

  it("has a place for each loan, as its record says", () => {
    expect(budgetedLoan(lent.steps)).toEqual({ ...place, index: stepOf(lent.steps, "loan").index });
    expect(budgetedLoan(deployed.steps)).toBeUndefined();
  });

  it("gives each place once", () => {
    const others = [{ number: 2 }, { period: "2027-Q1" }, { model: "fraud" }].map((other) => ({ ...place, ...other }));
    expect(recheckBudgets([place, ...others])).toEqual([]);
    const second = { ...place, promotion: told.ratified, index: 9 };
    const finding = (promotion: PromotionId, index: number) => ({
      code: "loan-invalid",
      path: `records/${index}.json`,
      promotion,
      sentence: "Two loans to 'credit-scoring' are both said to be number 1 of 2026-Q4.",
    });
    expect(recheckBudgets([...others, place, second, { ...place, index: 11 }])).toEqual([
      finding(told.ratified, 9),
      finding(told.lent, 11),
    ]);
  });
});

describe("a loan that runs", () => {
  const running = { promotion: told.lent, index: 7, until: loan.until };

  it("is one whose records end with it", () => {
    const soFar = lent.steps.slice(
      0,
      lent.steps.findIndex(({ record }) => record.type === "loan-ended"),
    );
    expect(runningLoan(soFar)).toEqual({ ...running, index: soFar.at(-1)?.index });
    expect(runningLoan(lent.steps)).toBeUndefined();
    expect(runningLoan(ratified.steps)).toBeUndefined();
    expect(runningLoan([])).toBeUndefined();
  });

  it("runs on for all that its records say until it was taken back, where it began to be deployed", () => {
    const ended = lent.steps.slice(0, lent.steps.findIndex(({ record }) => record.type === "loan-ended") + 1);
    const [last] = ended.slice(-1);
    const endedAt = last?.record.at;
    expect(runningLoan(ended)).toEqual({ ...running, index: last?.index, endedAt });
    const taken = lent.steps.slice(0, lent.steps.findIndex(({ record }) => record.type === "loan-taken-back") + 1);
    expect(runningLoan(taken)).toBeUndefined();
    const as = (change: Partial<Step["after"]>) =>
      runningLoan(withStep(ended, "loan-ended", ({ after }) => ({ after: { ...after, ...change } })));
    expect(as({ status: "blocked" })).toMatchObject({ endedAt });
    expect(as({ status: "rolled-back" })).toBeUndefined();
    expect(as({ history: [] })).toBeUndefined();
  });

  it("ends within a quarter of an hour, as far as the log's head tells the time", () => {
    expect(recheckEnds([running], addSeconds(loan.until, 899))).toEqual([]);
    expect(recheckEnds([running], undefined)).toEqual([]);
    const at = addSeconds(loan.until, 900);
    expect(recheckEnds([running], at)).toEqual([
      {
        code: "loan-invalid",
        path: "records/7.json",
        promotion: told.lent,
        sentence: `The loan was over at ${loan.until}, and the log, which goes on until ${at}, does not say that it ended or was ratified.`,
      },
    ]);
  });

  it("has a day until what was lent is gone, and that it is not yet is said", () => {
    const ended = { ...running, endedAt: addSeconds(loan.until, 3) };
    const soon = addSeconds(ended.endedAt, 86_399);
    for (const at of [soon, undefined]) {
      expect(recheckEnds([ended], at)).toEqual([]);
      expect(goneUntold([running, ended], at)).toEqual([
        {
          promotion: told.lent,
          sentence: `Whether what was lent until ${ended.endedAt} serves no more: the log does not say yet that it was taken back.`,
        },
      ]);
    }
    const at = addSeconds(ended.endedAt, 86_400);
    expect(goneUntold([ended], at)).toEqual([]);
    expect(recheckEnds([ended], at)).toMatchObject([
      {
        promotion: told.lent,
        sentence: `The loan ended at ${ended.endedAt}, and the log, which goes on until ${at}, does not say that what was lent was taken back.`,
      },
    ]);
  });

  it("ends within a quarter of an hour of its rejection as well", () => {
    const rejectedAt = addSeconds(loan.until, -1800);
    const rejected = { ...running, rejectedAt };
    expect(recheckEnds([rejected], addSeconds(rejectedAt, 899))).toEqual([]);
    const at = addSeconds(rejectedAt, 900);
    expect(recheckEnds([rejected], at)).toMatchObject([
      {
        promotion: told.lent,
        sentence: `The loan was rejected at ${rejectedAt}, and the log, which goes on until ${at}, does not say that it ended.`,
      },
    ]);
    expect(recheckEnds([running], at)).toEqual([]);
  });
});
