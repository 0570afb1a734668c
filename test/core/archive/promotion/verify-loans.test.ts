import { describe, expect, it } from "vitest";
import type { Step } from "../../../../core/archive/history/replay-promotion.ts";
import { recheckLoan } from "../../../../core/archive/promotion/verify-loans.ts";
import { addSeconds, type Instant } from "../../../../core/encoding/instant.ts";
import { peopleIn, reviewOf, told } from "../told.ts";
import { deployed, fromEnd, lent, loan, ratified, sentences } from "../told-loan.ts";
import { asking, at, knowing, sayingIn, stepOf, withStep } from "../told-steps.ts";

it("loans that were given, ran and ended as their rule has it are nothing to complain of", () => {
  expect(sentences()).toEqual([]);
  expect(sentences({}, ratified)).toEqual([]);
  expect(sentences({ lenders: [] }, deployed)).toEqual([]);
});

describe("a loan that is refused", () => {
  const wrong = "A loan is said to be refused for which no second lender had signed.";
  const { promotion } = told.house.facts.find(({ type }) => type === "loan-refused") ?? expect.unreachable();
  const review = reviewOf(promotion ?? expect.unreachable());

  it("was confirmed by then, but for what clocks may differ by", async () => {
    const of = await review;
    const { signature } = of.lenders.find((each) => each.signature.confirms !== undefined) ?? expect.unreachable();
    const refusedAt = (seconds: number) =>
      sentences({ steps: at(of.steps, "loan-refused", addSeconds(signature.recordedAt, seconds)) }, of);
    expect(sentences({}, of)).toEqual([]);
    expect(refusedAt(-5)).toEqual([]);
    expect(refusedAt(-5.001)).toEqual([wrong]);
  });

  it("was asked for by the one and confirmed by the other", async () => {
    const of = await review;
    const [first] = of.lenders;
    const steps = sayingIn(of.steps, "loan-refused", { signature: first?.signature.id ?? "" });
    expect(sentences({ steps }, of)).toEqual([wrong]);
    expect(sentences({ lenders: of.lenders.slice(0, 1) }, of)).toEqual([wrong]);
  });

  it("is told once", async () => {
    const of = await review;
    const step = stepOf(of.steps, "loan-refused");
    expect(sentences({ steps: [...of.steps, { ...step, before: step.after }] }, of)).toEqual([
      "A loan is said to be refused once more.",
    ]);
  });
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
    expect(given(-8)).toEqual([
      `The loan should not have been given: ${ida.signature.reviewerName} has approved it in this review: a loan is given by others than those who approve.`,
    ]);
    expect(given(-7)).toEqual([]);
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
    const { confirmed: confirmation } = passkey;
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
    expect(sentences({ steps, lenders, keptForLoan: undefined, passkeys: revoked(-7) })).toEqual([]);
    expect(sentences({ steps, lenders, keptForLoan: undefined, passkeys: revoked(-8) })[0]).toMatch(
      /^The loan should not have been given: .*passkey/,
    );
    const soon = lenders.map((each) => ({
      ...each,
      signature: { ...each.signature, recordedAt: addSeconds(step.record.at, -2) },
    }));
    const confirmed = (seconds: number) =>
      new Map([
        [passkey.id, { ...passkey, confirmed: { ...confirmation, recordedAt: addSeconds(step.record.at, seconds) } }],
      ]);
    const known = { steps, lenders: soon, keptForLoan: undefined };
    expect(sentences({ ...known, passkeys: confirmed(-2) })).toEqual([]);
    expect(sentences({ ...known, passkeys: confirmed(-1) })[0]).toMatch(
      /^The loan should not have been given: .*passkey/,
    );
  });
});
