import { describe, expect, it } from "vitest";
import type { ApprovalInput } from "../../../core/approval/approval-input.ts";
import { evaluateApproval } from "../../../core/approval/evaluate-approval.ts";
import { renderExplanation } from "../../../core/approval/render-explanation.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import { identityKey } from "../../../core/promotion/identity.ts";
import type { SignOff } from "../../../core/promotion/sign-off.ts";
import {
  approvalInput,
  delegation,
  identity,
  inPlace,
  member,
  one,
  rule,
  settled,
  signOff,
  stage,
} from "./people-and-votes.ts";

const members = [
  member("Ada", "data", "sre"),
  member("Bea", "data"),
  member("Cas", "compliance"),
  member("Dan", "sre"),
  member("Eve", "sre"),
  member("Guy", "data"),
];
const dataAndTwo = { all: [{ ...one("data"), because: "the metric 'auc' is below 0.8" }, one("sre", 2)] };
const cas = signOff("Cas", ["compliance"], 1);
const second = (name: string, named: string[], minute: number, more: Partial<SignOff> = {}) =>
  signOff(name, named, minute, { stage: 1, ...more });
const dan = second("Dan", ["sre"], 3);
const bea = second("Bea", ["data"], 4);
const eveRejects = second("Eve", ["sre"], 9, { result: "reject", reason: "Not on a Friday." });

const submitted = approvalInput({
  rule: rule(
    stage("compliance", one("compliance"), { because: "the risk tier is 'high'" }),
    stage("operations", { any: [one("sre", 3), dataAndTwo] }, { rejectionsToStop: 2 }),
  ),
  members,
});
const inOperations = { ...submitted, openStage: 1, settled: [settled(0, ["compliance", cas])] };
const told = (input: ApprovalInput) => renderExplanation(evaluateApproval(input).explanation);
const signed = (...signOffs: SignOff[]) => ({ ...inOperations, signOffs: [cas, ...signOffs] });

describe("the whole explanation", () => {
  it("of a promotion that nobody has signed", () => {
    expect(told(submitted)).toMatchInlineSnapshot(`
      "○ open  credit-scoring in production: Stage 'compliance': Still needed: Compliance officer. It is asked for because the risk tier is 'high'.
        ○ open  compliance: Still needed: Compliance officer. It is asked for because the risk tier is 'high'.
          ○ open  Compliance officer: 0 of 1 seat is filled.
              seat free; could be filled by Cas
        ○ waiting  operations: Waits until the stage 'compliance' is decided.
          ○ waiting  any one of these: The nearest is: 3 × SRE. 0 of 3 seats are filled.
            ○ waiting  3 × SRE: 0 of 3 seats are filled.
                seat free; could be filled by Ada, Dan, Eve
                seat free; could be filled by Ada, Dan, Eve
                seat free; could be filled by Ada, Dan, Eve
            ○ waiting  all of these: 0 of 2 are met.
              ○ waiting  Lead data scientist: Another way is nearer. It is asked for because the metric 'auc' is below 0.8.
                  seat free; could be filled by Ada, Bea, Guy
              ○ waiting  2 × SRE: Another way is nearer.
                  seat free; could be filled by Ada, Dan, Eve
                  seat free; could be filled by Ada, Dan, Eve"
    `);
  });

  it("of a stage in which one signed, another rejected and a third is left", () => {
    expect(told(signed(dan, bea, eveRejects))).toMatchInlineSnapshot(`
      "○ open  credit-scoring in production: Stage 'operations': Still needed: SRE. 1 of the 2 rejections that would stop it.
        ✔ met  compliance: Every seat is filled. It is asked for because the risk tier is 'high'.
          ✔ met  Compliance officer: Filled by Cas.
              seat filled by Cas
        ○ open  operations: Still needed: SRE. 1 of the 2 rejections that would stop it.
          ○ open  any one of these: The nearest is: all of these. 1 of 2 are met.
            ○ open  3 × SRE: Another way is nearer.
                seat free; could be filled by Ada, Eve
                seat free; could be filled by Ada, Eve
                seat free; could be filled by Ada, Eve
            ○ open  all of these: 1 of 2 are met.
              ✔ met  Lead data scientist: Filled by Bea. It is asked for because the metric 'auc' is below 0.8.
                  seat filled by Bea
              ○ open  2 × SRE: 1 of 2 seats are filled. Filled so far by Dan.
                  seat filled by Dan
                  seat free; could be filled by Ada, Eve"
    `);
  });

  it("of a promotion that has every signature and one more", () => {
    const ada = second("Ada", ["sre", "data"], 4);
    expect(told(signed(dan, bea, ada, second("Guy", ["data"], 5)))).toMatchInlineSnapshot(`
      "✔ met  credit-scoring in production: Every stage has its signatures.
        ✔ met  compliance: Every seat is filled. It is asked for because the risk tier is 'high'.
          ✔ met  Compliance officer: Filled by Cas.
              seat filled by Cas
        ✔ met  operations: Every seat is filled.
            does not count: Guy is not needed: earlier signatures fill the seats
          ✔ met  any one of these: The nearest is: all of these. 2 of 2 are met.
            ○ open  3 × SRE: Not needed: another way is met.
            ✔ met  all of these: 2 of 2 are met.
              ✔ met  Lead data scientist: Filled by Bea. It is asked for because the metric 'auc' is below 0.8.
                  seat filled by Bea
              ✔ met  2 × SRE: Filled by Dan and Ada.
                  seat filled by Dan
                  seat filled by Ada"
    `);
  });

  it("of one that two have stopped, each with their reason", () => {
    const danRejects = second("Dan", ["sre"], 3, { result: "reject", reason: "The plan is too big." });
    expect(told(signed(danRejects, eveRejects))).toMatchInlineSnapshot(`
      "✖ rejected  credit-scoring in production: Stage 'operations': Dan rejected: The plan is too big. Eve rejected: Not on a Friday.
        ✔ met  compliance: Every seat is filled. It is asked for because the risk tier is 'high'.
          ✔ met  Compliance officer: Filled by Cas.
              seat filled by Cas
        ✖ rejected  operations: Dan rejected: The plan is too big. Eve rejected: Not on a Friday.
          ○ open  any one of these: The nearest is: 3 × SRE. 0 of 3 seats are filled.
            ○ open  3 × SRE: 0 of 3 seats are filled.
                seat free; could be filled by Ada, Dan, Eve
                seat free; could be filled by Ada, Dan, Eve
                seat free; could be filled by Ada, Dan, Eve
            ○ open  all of these: 0 of 2 are met.
              ○ open  Lead data scientist: Another way is nearer. It is asked for because the metric 'auc' is below 0.8.
                  seat free; could be filled by Ada, Bea, Guy
              ○ open  2 × SRE: Another way is nearer.
                  seat free; could be filled by Ada, Dan, Eve
                  seat free; could be filled by Ada, Dan, Eve"
    `);
  });

  it("of one that nobody can finish, because two of those who could had a hand in it", () => {
    const hands = { Dan: "trained the model", Ada: "wrote the training code", Cas: "owns the training data" };
    const excluded = new Map(Object.entries(hands).map(([name, hand]) => [identityKey(identity(name)), hand]));
    expect(told({ ...signed(bea), excluded })).toMatchInlineSnapshot(`
      "✖ unreachable  credit-scoring in production: Stage 'compliance': Nobody is left for the seat 'Compliance officer' in the stage 'compliance': Cas owns the training data. It is asked for because the risk tier is 'high'.
        ✖ unreachable  compliance: Nobody is left for the seat 'Compliance officer' in the stage 'compliance': Cas owns the training data. It is asked for because the risk tier is 'high'.
            does not count: Cas owns the training data, and so cannot approve it
          ✖ unreachable  Compliance officer: Nobody is left for the seat 'Compliance officer' in the stage 'compliance': Cas owns the training data.
        ○ open  operations: Still needed: SRE, SRE.
            does not count: Ada wrote the training code, and so cannot approve it
            does not count: Dan trained the model, and so cannot approve it
          ○ open  any one of these: The nearest is: all of these. 1 of 2 are met.
            ○ open  3 × SRE: Another way is nearer.
                seat free; could be filled by Eve
                seat free; could be filled by Eve
                seat free; could be filled by Eve
            ○ open  all of these: 1 of 2 are met.
              ✔ met  Lead data scientist: Filled by Bea. It is asked for because the metric 'auc' is below 0.8.
                  seat filled by Bea
              ○ open  2 × SRE: 0 of 2 seats are filled.
                  seat free; could be filled by Eve
                  seat free; could be filled by Eve"
    `);
  });

  it("of one in which decided seats fell, judged again", () => {
    const eve = second("Eve", ["sre"], 4);
    const gone = members.map((each) => (["Cas", "Dan"].includes(each.name) ? { ...each, enabled: false } : each));
    const decided = [settled(0, ["compliance", cas]), settled(1, ["data", bea], ["sre", dan], ["sre", eve])];
    expect(
      told({
        ...signed(bea, dan, eve),
        openStage: undefined,
        settled: decided,
        members: gone,
        entitlement: "as-of-now",
      }),
    ).toMatchInlineSnapshot(`
      "✖ unreachable  credit-scoring in production: Stage 'compliance': Nobody is left for the seat 'Compliance officer' in the stage 'compliance': the account of Cas is disabled. It is asked for because the risk tier is 'high'.
        ✖ unreachable  compliance: Nobody is left for the seat 'Compliance officer' in the stage 'compliance': the account of Cas is disabled. It is asked for because the risk tier is 'high'.
            does not count: Cas has a disabled account
          ✖ unreachable  Compliance officer: Nobody is left for the seat 'Compliance officer' in the stage 'compliance': the account of Cas is disabled.
        ○ open  operations: A seat is open again: Dan has a disabled account. Still needed: SRE.
            does not count: Dan has a disabled account
          ○ open  any one of these: The nearest is: all of these. 1 of 2 are met.
            ○ open  3 × SRE: Another way is nearer.
                seat free; could be filled by Ada
                seat free; could be filled by Ada
                seat free; could be filled by Ada
            ○ open  all of these: 1 of 2 are met.
              ✔ met  Lead data scientist: Filled by Bea. It is asked for because the metric 'auc' is below 0.8.
                  seat filled by Bea
              ○ open  2 × SRE: 1 of 2 seats are filled. Filled so far by Eve.
                  seat filled by Eve
                  seat free; could be filled by Ada"
    `);
  });

  it("of one that a delegate signed, and the delegator as well", () => {
    const given = delegation("Eve", "Guy", "sre");
    const both = signed(inPlace(given, 2, { stage: 1 }), second("Eve", ["sre"], 5), bea);
    expect(told({ ...both, delegations: [given] })).toMatchInlineSnapshot(`
      "○ open  credit-scoring in production: Stage 'operations': Still needed: SRE.
        ✔ met  compliance: Every seat is filled. It is asked for because the risk tier is 'high'.
          ✔ met  Compliance officer: Filled by Cas.
              seat filled by Cas
        ○ open  operations: Still needed: SRE.
            does not count: Guy signed in the place of Eve, who has decided
          ○ open  any one of these: The nearest is: all of these. 1 of 2 are met.
            ○ open  3 × SRE: Another way is nearer.
                seat free; could be filled by Ada, Dan
                seat free; could be filled by Ada, Dan
                seat free; could be filled by Ada, Dan
            ○ open  all of these: 1 of 2 are met.
              ✔ met  Lead data scientist: Filled by Bea. It is asked for because the metric 'auc' is below 0.8.
                  seat filled by Bea
              ○ open  2 × SRE: 1 of 2 seats are filled. Filled so far by Eve.
                  seat filled by Eve
                  seat free; could be filled by Ada, Dan"
    `);
  });

  it("of approvals that came before their stage was open", () => {
    expect(told({ ...submitted, signOffs: [dan, bea] })).toMatchInlineSnapshot(`
      "○ open  credit-scoring in production: Stage 'compliance': Still needed: Compliance officer. It is asked for because the risk tier is 'high'.
        ○ open  compliance: Still needed: Compliance officer. It is asked for because the risk tier is 'high'.
          ○ open  Compliance officer: 0 of 1 seat is filled.
              seat free; could be filled by Cas
        ○ waiting  operations: Waits until the stage 'compliance' is decided.
            does not count: Dan approved while the stage was not open
            does not count: Bea approved while the stage was not open
          ○ waiting  any one of these: The nearest is: 3 × SRE. 0 of 3 seats are filled.
            ○ waiting  3 × SRE: 0 of 3 seats are filled.
                seat free; could be filled by Ada, Dan, Eve
                seat free; could be filled by Ada, Dan, Eve
                seat free; could be filled by Ada, Dan, Eve
            ○ waiting  all of these: 0 of 2 are met.
              ○ waiting  Lead data scientist: Another way is nearer. It is asked for because the metric 'auc' is below 0.8.
                  seat free; could be filled by Ada, Bea, Guy
              ○ waiting  2 × SRE: Another way is nearer.
                  seat free; could be filled by Ada, Dan, Eve
                  seat free; could be filled by Ada, Dan, Eve"
    `);
  });
});

describe("each stage is told by itself", () => {
  const stages = ["a", "b", "c"].map((role) => stage(role, one(role)));
  const three = approvalInput({ rule: rule(...stages), members: ["a", "b", "c"].map((role) => member(role, role)) });
  const partsOf = (input: ApprovalInput) => evaluateApproval(input).explanation.children;

  it("as waiting for the one right before it that is not decided, and as lent where it is", () => {
    const why = (input: ApprovalInput) => partsOf(input).map((part) => part.why);
    expect(why(three)).toEqual([
      "Still needed: A.",
      "Waits until the stage 'a' is decided.",
      "Waits until the stage 'b' is decided.",
    ]);
    const b = signOff("b", ["b"], 1, { stage: 1 });
    const decided = { ...three, settled: [settled(1, ["b", b])], signOffs: [b] };
    expect(why(decided)[2]).toBe("Waits until the stage 'a' is decided.");
    const lentUntil = "2026-11-23T15:30:00.000Z" as Instant;
    expect(why({ ...three, lentUntil }).slice(0, 2)).toEqual([
      "Lent until 2026-11-23 15:30 UTC: A. Signing these seats ratifies the loan.",
      "Waits until the stage 'a' is decided. Lent until 2026-11-23 15:30 UTC: B.",
    ]);
  });

  it("as out of reach where nobody is left for its own seat", () => {
    const parts = partsOf({ ...three, members: [member("a", "a"), member("c", "c")] });
    expect(parts.map(({ status, children }) => [status, children[0]?.status])).toEqual([
      ["open", "open"],
      ["unreachable", "unreachable"],
      ["waiting", "waiting"],
    ]);
  });

  it("with a rejection that does not count where that was given, and whoever may not approve by name", () => {
    const stranger = signOff("x", ["x"], 1, { stage: 1, result: "reject", reason: "No." });
    const excluded = new Map(["Zoe", "Abe"].map((name) => [identityKey(identity(name)), "trained the model"]));
    const both = [member("Zoe", "a"), member("Abe", "a")];
    for (const members of [both, both.toReversed()]) {
      const parts = partsOf({ ...three, members: [...three.members, ...members], excluded, signOffs: [stranger] });
      expect(parts.map(({ dismissed }) => dismissed?.map(({ person, why }) => `${person.name} ${why}`))).toEqual([
        ["Abe", "Zoe"].map((name) => `${name} trained the model, and so cannot approve it`),
        ["x held none of the roles of this promotion when rejecting"],
        undefined,
      ]);
    }
  });

  it("with everybody who fills a seat so far, and everybody whose seat is open again", () => {
    const signOffs = [1, 2, 3].map((each) => signOff(`a${each}`, ["a"], each));
    const asked = {
      ...three,
      rule: rule(stage("a", one("a", 3))),
      members: [1, 2, 3].map((each) => member(`a${each}`, "a")),
    };
    expect(partsOf({ ...asked, signOffs: signOffs.slice(0, 2) })[0]?.children[0]?.why).toBe(
      "2 of 3 seats are filled. Filled so far by a1 and a2.",
    );
    const seats = signOffs.map((each) => ["a", each] as const);
    const lost = { ...asked, signOffs, settled: [settled(0, ...seats)], openStage: undefined };
    const gone = asked.members.map((each) => (each.name === "a3" ? each : { ...each, groups: [] }));
    expect(
      partsOf({ ...lost, entitlement: "as-of-now", members: [...gone, member("n1", "a"), member("n2", "a")] })[0]?.why,
    ).toBe(
      "A seat is open again: a1 no longer holds the role 'A'; a2 no longer holds the role 'A'. Still needed: A, A.",
    );
  });
});
