import { describe, expect, it } from "vitest";
import type { Step } from "../../../core/archive/replay-promotion.ts";
import {
  budgetedLoan,
  goneUntold,
  recheckBudgets,
  recheckEnds,
  recheckLoan,
  runningLoan,
} from "../../../core/archive/verify-loans.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import type { FactType } from "../../../core/promotion/fact.ts";
import type { Loan } from "../../../core/promotion/loan.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { peopleIn, reviewOf, type ToldReview, told } from "./told.ts";
import { asking, at, knowing, sayingIn, stepOf, withStep } from "./told-steps.ts";

// Ida asked for an hour and Olaf confirmed it; it ran, and nobody ratified it.
const lent = await reviewOf(told.lent);
const ratified = await reviewOf(told.ratified);
const deployed = await reviewOf(told.deployed);

const sentences = (over: Partial<ToldReview> = {}, review = lent) => {
  const these = { ...review, ...over };
  const { steps, lenders, held, passkeys } = these;
  return recheckLoan(steps, { lenders, held, people: peopleIn(these), passkeys }).map(({ sentence }) => sentence);
};
const loanIn = ({ after }: Step): Loan => {
  if (after.loan === undefined) throw new Error("Nothing was lent.");
  return after.loan;
};
const loan = loanIn(stepOf(lent.steps, "loan"));
/** The first step of a type alone, at so many seconds from the loan's end. */
const fromEnd = (type: FactType, seconds: number) =>
  at(lent.steps, type, addSeconds(loan.until, seconds)).filter(({ record }) => record.type === type);

it("loans that were given, ran and ended as their rule has it are nothing to complain of", () => {
  expect(sentences()).toEqual([]);
  expect(sentences({}, ratified)).toEqual([]);
  expect(sentences({ lenders: [] }, deployed)).toEqual([]);
});

describe("a loan", () => {
  it("rests on two signatures that hold, and the problem is told at its record", () => {
    const wrong = "The loan rests on signatures that nothing proves.";
    const { held, passkeys } = lent;
    for (const lenders of [[], lent.lenders.slice(0, 1), lent.lenders.slice(1)]) {
      expect(recheckLoan(lent.steps, { lenders, held, people: peopleIn(lent), passkeys })[0]).toEqual({
        index: stepOf(lent.steps, "loan").index,
        sentence: wrong,
      });
    }
  });

  it("is as its lenders signed", () => {
    const longer = withStep(lent.steps, "loan", ({ after }) => ({
      after: { ...after, loan: { ...loan, until: addSeconds(loan.until, 1) } },
    }));
    expect(sentences({ steps: longer })[0]).toBe("The loan was recorded otherwise than its lenders signed.");
  });

  it("is confirmed while the review is open", () => {
    const wrong = "The loan was confirmed when the review was over.";
    const { stage } = stepOf(lent.steps, "loan").before ?? {};
    if (stage === undefined) throw new Error("No stage was open.");
    const until = (deadline: Instant) =>
      sentences({ steps: knowing(lent.steps, "loan", { stage: { ...stage, deadline } }) });
    expect(until(loan.at)).toContain(wrong);
    expect(until(addSeconds(loan.at, 1))).toEqual([]);
  });

  it("is given before it is over, but for what clocks may differ by", () => {
    expect(sentences({ steps: fromEnd("loan", 4) })).toEqual([]);
    expect(sentences({ steps: fromEnd("loan", 5) })).toEqual(["The loan was given when it was over."]);
  });

  it("is given by those who may, as they were then", () => {
    const steps = asking(lent.steps, (rule) => ({
      ...rule,
      ...(rule.loan === undefined ? {} : { loan: { ...rule.loan, roles: ["sre"] } }),
    }));
    expect(sentences({ steps })).toContain(
      "The loan should not have been given: sub-ida signs as 'Incident commander'; 'Site reliability engineer' may lend.".replace(
        "sub-ida",
        lent.lenders[0]?.signature.reviewerName ?? "",
      ),
    );
    const nobody = { ...lent.own, members: [] };
    const lenders = lent.lenders.map((each) => ({ ...each, signature: { ...each.signature, groups: [] } }));
    expect(sentences({ own: nobody, lenders })[0]).toMatch(/^The loan should not have been given: /);
  });

  it("is given by others than those who approve, as far as it was surely seen", () => {
    const [cora] = lent.held;
    const [ida] = lent.lenders;
    if (cora === undefined || ida === undefined) throw new Error("Nobody signed.");
    const approving = (seconds: number) => ({
      ...cora,
      signOff: { ...cora.signOff, reviewer: ida.signature.reviewer, recordedAt: addSeconds(loan.at, seconds) },
    });
    const given = (seconds: number) =>
      sentences({ held: [approving(seconds)], steps: lent.steps.filter(({ record }) => record.type === "loan") });
    expect(given(-5)).toEqual([
      `The loan should not have been given: ${ida.signature.reviewerName} has approved it in this review: a loan is given by others than those who approve.`,
    ]);
    expect(given(-4)).toEqual([]);
  });

  it("has its place in the budget of its rule", () => {
    const wrong = "The loan is not within the budget of its rule.";
    const placed = (budget: object) =>
      sentences({
        steps: sayingIn(lent.steps, "loan", { budget: { period: "2026-Q4", number: 1, of: 2, ...budget } }),
      });
    expect(placed({})).toEqual([]);
    expect(placed({ number: 2 })).toEqual([]);
    for (const budget of [
      { number: 3 },
      { number: 0 },
      { of: 3 },
      { of: 1 },
      { period: "2026-Q3" },
      { period: "2026-11" },
    ])
      expect(placed(budget)).toEqual([wrong]);
  });

  it("is lent by a rule that lends", () => {
    const steps = asking(lent.steps, ({ loan: _, ...rule }) => rule);
    expect(sentences({ steps })).toContain("Seats were lent, and the rule lends none.");
    const unknown = lent.steps.map((step) => ({ ...step, requirements: undefined }));
    expect(sentences({ steps: unknown })).toEqual(["Seats were lent, and the rule lends none."]);
  });
});

describe("the verdict of a loan", () => {
  const verdict = (steps: readonly Step[]) => steps.filter(({ record }) => record.type === "verdict");

  it("is signed before the loan is over", () => {
    expect(sentences({ steps: fromEnd("verdict", 4) })).toEqual([]);
    expect(sentences({ steps: fromEnd("verdict", 5) })).toEqual([
      "The loan's verdict is PASSED, but the loan was over.",
    ]);
  });

  it("is judged by nothing of this where it says FAILED, or is the quorum's", () => {
    const late = fromEnd("verdict", 5);
    expect(sentences({ steps: sayingIn(late, "verdict", { result: "FAILED" }) })).toEqual([]);
    const quorum = verdict(late).map((step) => ({ ...step, record: { ...step.record, body: { result: "PASSED" } } }));
    expect(sentences({ steps: quorum })).toEqual([]);
  });

  it("needs lenders who hold their role still, by what the directory told then", () => {
    const people = lent.keptForLoan;
    if (people === undefined) throw new Error("The directory's word was not kept.");
    const members = people.members.map((member) => ({ ...member, groups: [] }));
    const steps = verdict(lent.steps);
    expect(sentences({ steps, keptForLoan: { ...people, members } })[0]).toMatch(
      /^The loan should not have been given: .* does not hold the role 'Incident commander'|^The loan should not have been given: /,
    );
    expect(sentences({ steps, keptForLoan: undefined })).toEqual([]);
  });

  it("needs passkeys that stand still where the role asks for one", () => {
    const asked = (roles: NonNullable<Step["requirements"]>["roles"]) =>
      Object.fromEntries(
        Object.entries(roles).map(([name, role]) => [
          name,
          { ...role, ...(name === "incident-commander" ? { secondFactor: "passkey" as const } : {}) },
        ]),
      );
    const steps = verdict(lent.steps).map((step) =>
      step.requirements === undefined
        ? step
        : { ...step, requirements: { ...step.requirements, roles: asked(step.requirements.roles) } },
    );
    const [passkey] = lent.passkeys.values();
    const step = steps[0];
    if (passkey?.confirmed === undefined || step === undefined) throw new Error("There is no passkey.");
    const use = { id: passkey.id, counter: 0 };
    const lenders = lent.lenders.map((each) => ({ ...each, signature: { ...each.signature, passkey: use } }));
    const revoked = (seconds: number) =>
      new Map([
        [
          passkey.id,
          {
            ...passkey,
            revoked: { ...passkey.enrolled, deed: "revoke" as const, recordedAt: addSeconds(step.record.at, seconds) },
          },
        ],
      ]);
    expect(sentences({ steps, lenders, keptForLoan: undefined, passkeys: revoked(-4) })).toEqual([]);
    expect(sentences({ steps, lenders, keptForLoan: undefined, passkeys: revoked(-5) })[0]).toMatch(
      /^The loan should not have been given: .*passkey/,
    );
  });
});

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
