import { describe, expect, it } from "vitest";
import { approvalOutcome, evaluateApproval } from "../../../core/approval/evaluate-approval.ts";
import { identityKey } from "../../../core/promotion/identity.ts";
import { codeOf, told } from "../refusal.ts";
import {
  approvalInput,
  delegation,
  identity,
  inPlace,
  member,
  one,
  part,
  rule,
  settled,
  signOff,
  stage,
} from "./people-and-votes.ts";

const both = rule(stage("compliance", one("compliance")), stage("operations", { all: [one("data"), one("sre")] }));
const people = [
  member("clara", "compliance"),
  member("dora", "data"),
  member("dana", "data"),
  member("sam", "sre"),
  member("omni", "compliance", "data", "sre"),
];
const clara = signOff("clara", ["compliance"], 1);
const first = settled(0, ["compliance", clara]);
const second = (name: string, named: string[], minute: number, more = {}) =>
  signOff(name, named, minute, { stage: 1, ...more });
const dora = second("dora", ["data"], 2);
const sam = second("sam", ["sre"], 3);

const base = approvalInput({ rule: both, members: people });
const inOperations = { ...base, openStage: 1, settled: [first], signOffs: [clara] };

describe("a stage", () => {
  it("stays open while nobody has signed, and names who could", () => {
    const { outcome, explanation } = evaluateApproval(base);
    expect(outcome).toEqual({ kind: "open", missing: ["compliance"], unreachable: false });
    expect(explanation.status).toBe("open");
    expect(explanation.why).toBe("Stage 'compliance': Still needed: Compliance officer.");
    expect(
      part(explanation, "compliance", "Compliance officer").seats?.[0]?.couldBeFilledBy.map((p) => p.name),
    ).toEqual(["clara", "omni"]);
    expect(part(explanation, "operations")).toMatchObject({
      status: "waiting",
      why: "Waits until the stage 'compliance' is decided.",
    });
  });

  it("is reached by its one signature and says which stage comes next", () => {
    const { outcome, explanation } = evaluateApproval({ ...base, signOffs: [clara] });
    expect(outcome).toEqual({ kind: "reached", settled: first, next: 1 });
    expect(part(explanation, "compliance")).toMatchObject({ status: "met", why: "Every seat is filled." });
    expect(explanation.status).toBe("open");
  });

  it("is the last one when every other is decided", () => {
    const { outcome, explanation } = evaluateApproval({ ...inOperations, signOffs: [sam, clara, dora] });
    expect(outcome).toEqual({
      kind: "reached",
      settled: settled(1, ["data", dora], ["sre", sam]),
      next: undefined,
    });
    expect(explanation).toMatchObject({ status: "met", why: "Every stage has its signatures." });
  });

  it("counts who has signed among those who can fill its seats, also where the directory has them no more", () => {
    const left = { ...inOperations, members: people.filter(({ name }) => name === "sam"), signOffs: [clara, dora] };
    expect(evaluateApproval(left).outcome).toEqual({ kind: "open", missing: ["sre"], unreachable: false });
    expect(evaluateApproval({ ...left, signOffs: [clara] }).outcome).toMatchObject({ unreachable: true });
  });

  it("leaves nobody for the next one who fills a seat in it, nor in whose place that is", () => {
    const twice = rule(stage("compliance", one("compliance")), stage("again", one("compliance")));
    const only = { ...base, rule: twice, members: [member("clara", "compliance"), member("emil")] };
    const nobody = (why: string) =>
      `Nobody is left for the seat 'Compliance officer' in the stage 'again': clara already fills ${why}.`;
    const filled = "the seat 'Compliance officer' in the stage 'compliance'";
    const again = (signed: Partial<typeof base>) => part(evaluateApproval({ ...only, ...signed }).explanation, "again");
    expect(again({ signOffs: [clara] })).toMatchObject({ status: "unreachable", why: nobody(filled) });
    const given = delegation("clara", "emil", "compliance");
    expect(again({ signOffs: [inPlace(given, 1)], delegations: [given] })).toMatchObject({ why: nobody(filled) });
  });

  it("names the last of them where every one is decided", () => {
    const [a, b, c] = ["a", "b", "c"].map((role, index) => signOff(role, [role], index, { stage: index }));
    const three = [a, b, c].flatMap((each, index) =>
      each === undefined ? [] : [settled(index, [each.roles[0] ?? "", each])],
    );
    const stages = ["a", "b", "c"].map((role) => stage(role, one(role)));
    for (const count of [1, 3]) {
      const decided = { rule: rule(...stages.slice(0, count)), settled: three.slice(0, count), openStage: undefined };
      const signed = [a, b, c].flatMap((each) => each ?? []).slice(0, count);
      expect(evaluateApproval(approvalInput({ ...decided, signOffs: signed })).outcome).toEqual({
        kind: "reached",
        settled: three[count - 1],
        next: undefined,
      });
    }
  });

  it("stays open when one reviewer signs for two roles", () => {
    const { outcome } = evaluateApproval({ ...inOperations, signOffs: [clara, second("omni", ["data", "sre"], 2)] });
    expect(outcome).toMatchObject({ kind: "open", missing: ["sre"] });
  });

  it("moves a reviewer with two roles to the scarce seat when another signs", () => {
    const omni = second("omni", ["data", "sre"], 2);
    const { outcome } = evaluateApproval({ ...inOperations, signOffs: [clara, omni, second("dana", ["data"], 5)] });
    expect(outcome).toMatchObject({
      kind: "reached",
      settled: {
        seats: [
          { role: "data", person: identity("dana") },
          { role: "sre", person: identity("omni") },
        ],
      },
    });
  });

  it("keeps the earlier signature where one more than needed was given", () => {
    const later = second("dana", ["data"], 9);
    const { outcome, explanation } = evaluateApproval({ ...inOperations, signOffs: [later, sam, clara, dora] });
    expect(outcome).toMatchObject({ settled: { seats: [{ person: identity("dora") }, { person: identity("sam") }] } });
    expect(part(explanation, "operations").dismissed).toEqual([
      { person: { identity: identity("dana"), name: "dana" }, why: "is not needed: earlier signatures fill the seats" },
    ]);
  });

  it("counts an approval only in the stage that it names", () => {
    const early = second("dora", ["data"], 0);
    const { outcome, explanation } = evaluateApproval({ ...base, signOffs: [early] });
    expect(outcome).toMatchObject({ kind: "open", missing: ["compliance"] });
    expect(part(explanation, "operations").dismissed).toMatchObject([{ why: "approved while the stage was not open" }]);
  });
});

describe("a person", () => {
  it("fills one seat at most in the whole promotion", () => {
    const omniFirst = signOff("omni", ["compliance"], 1);
    const omniAgain = second("omni", ["data", "sre"], 2);
    const { outcome, explanation } = evaluateApproval({
      ...inOperations,
      settled: [settled(0, ["compliance", omniFirst])],
      signOffs: [omniFirst, omniAgain, dora],
    });
    expect(outcome).toMatchObject({ kind: "open", missing: ["sre"] });
    expect(part(explanation, "operations").dismissed).toMatchObject([
      { why: "already fills the seat 'Compliance officer' in the stage 'compliance'" },
    ]);
  });

  it("is one person under two identities that share an address", () => {
    const twice = { ...member("dora-again", "sre"), address: " Dora@Example.org" };
    const again = second("dora-again", ["sre"], 4);
    const { outcome } = evaluateApproval({
      ...inOperations,
      members: [...people, twice],
      signOffs: [clara, dora, again],
    });
    expect(outcome).toMatchObject({ kind: "open", missing: ["data"] });
  });

  it("is one person under two identities that people.yaml links", () => {
    const linked = {
      name: "Dora",
      addresses: ["dora@example.org"],
      accounts: [],
      identities: [identity("sam")],
      outside: false,
    };
    const { outcome } = evaluateApproval({ ...inOperations, people: [linked], signOffs: [clara, dora, sam] });
    expect(outcome).toMatchObject({ kind: "open", missing: ["data"] });
  });

  it("counts by the latest decision, and not at all once withdrawn", () => {
    const withdrawn = second("dora", ["data"], 7, { result: "withdraw" });
    const { outcome, explanation } = evaluateApproval({ ...inOperations, signOffs: [clara, sam, dora, withdrawn] });
    expect(outcome).toMatchObject({ kind: "open", missing: ["data"] });
    expect(part(explanation, "operations").dismissed).toMatchObject([{ why: "withdrew the decision" }]);
  });

  it("cannot approve what they had a hand in, and is named with the reason", () => {
    const excluded = new Map([[identityKey(identity("dora")), "trained the model"]]);
    const { outcome, explanation } = evaluateApproval({ ...inOperations, excluded, signOffs: [clara, sam, dora] });
    expect(outcome).toMatchObject({ kind: "open", missing: ["data"], unreachable: false });
    expect(part(explanation, "operations").dismissed).toEqual([
      { person: { identity: identity("dora"), name: "dora" }, why: "trained the model, and so cannot approve it" },
    ]);
    const seat = part(explanation, "operations", "all of these", "Lead data scientist").seats?.[0];
    expect(seat?.couldBeFilledBy.map((p) => p.name)).toEqual(["dana", "omni"]);
  });

  it("counts in no role that they hold but did not name", () => {
    const { outcome } = evaluateApproval({
      ...inOperations,
      signOffs: [clara, dora, second("omni", ["data"], 3, { groups: ["datas", "sres"] })],
    });
    expect(outcome).toMatchObject({ kind: "open", missing: ["sre"] });
  });

  it("counts in no role that they named but did not hold", () => {
    const claimed = second("sam", ["sre"], 3, { groups: ["datas"] });
    const { outcome, explanation } = evaluateApproval({ ...inOperations, signOffs: [clara, dora, claimed] });
    expect(outcome).toMatchObject({ kind: "open", missing: ["sre"] });
    expect(part(explanation, "operations").dismissed).toMatchObject([{ why: "was not signed in with the role 'SRE'" }]);
  });
});

describe("entitlement as of now", () => {
  const asOfNow = { ...inOperations, entitlement: "as-of-now" as const, signOffs: [clara, dora, sam] };

  it("counts whoever still holds the role", () => {
    expect(evaluateApproval(asOfNow).outcome.kind).toBe("reached");
  });

  it.each([
    ["moved to another group", { groups: ["others"] }, "no longer holds the role 'SRE'"],
    ["disabled", { enabled: false }, "has a disabled account"],
  ])("does not count somebody who was %s", (_, change, why) => {
    const members = people.map((person) => (person.name === "sam" ? { ...person, ...change } : person));
    const { outcome, explanation } = evaluateApproval({ ...asOfNow, members });
    expect(outcome).toMatchObject({ kind: "open", missing: ["sre"] });
    expect(part(explanation, "operations").dismissed).toMatchObject([{ why }]);
    expect(evaluateApproval({ ...asOfNow, members, entitlement: "as-signed" }).outcome.kind).toBe("reached");
  });

  it("does not count somebody who left the directory", () => {
    const { explanation } = evaluateApproval({ ...asOfNow, members: people.filter(({ name }) => name !== "sam") });
    expect(part(explanation, "operations").dismissed).toMatchObject([{ why: "is not in the directory any more" }]);
  });
});

describe("a stage that the rule does not have", () => {
  it("cannot be open", () => {
    expect(told(codeOf(() => evaluateApproval({ ...base, openStage: 7 })))).toBe("internal: The rule has no stage 7.");
    expect(approvalOutcome(base)).toEqual(evaluateApproval(base).outcome);
  });
});

describe("whoever has signed", () => {
  it("is not counted on for a seat that nobody has filled yet, nor is the person in whose place they did", () => {
    const given = delegation("dana", "guest", "data");
    const vote = inPlace(given, 2, { stage: 1 });
    const members = [member("clara", "compliance"), member("dana", "data", "sre"), member("guest")];
    const { outcome, explanation } = evaluateApproval({
      ...inOperations,
      members,
      delegations: [given],
      signOffs: [clara, vote],
    });
    expect(outcome).toEqual({ kind: "open", missing: ["sre"], unreachable: true });
    expect(part(explanation, "operations", "all of these", "SRE").seats?.[0]?.couldBeFilledBy).toEqual([]);
  });
});

describe("a review", () => {
  it("does not count sign-offs of an earlier one", () => {
    const { outcome, explanation } = evaluateApproval({ ...base, review: 2, signOffs: [clara] });
    expect(outcome).toMatchObject({ kind: "open", missing: ["compliance"] });
    expect(part(explanation, "compliance").dismissed).toMatchObject([{ why: "signed in an earlier review" }]);
  });

  it("does not count an invalidated sign-off, nor revive the one before it", () => {
    const again = signOff("clara", ["compliance"], 4);
    const invalidated = new Map([[again.id, "was given for another plan"]]);
    const { outcome, explanation } = evaluateApproval({ ...base, invalidated, signOffs: [clara, again] });
    expect(outcome).toMatchObject({ kind: "open", missing: ["compliance"] });
    expect(part(explanation, "compliance").dismissed).toMatchObject([{ why: "was given for another plan" }]);
  });
});

describe("a quorum that nobody can reach", () => {
  it("stays open, is marked, and says which seat and why", () => {
    const members = people
      .filter(({ name }) => name !== "omni")
      .map((person) => (person.name === "sam" ? { ...person, enabled: false } : person));
    const { outcome, explanation } = evaluateApproval({ ...inOperations, members });
    expect(outcome).toEqual({ kind: "open", missing: ["data", "sre"], unreachable: true });
    expect(part(explanation, "operations")).toMatchObject({
      status: "unreachable",
      why: "Nobody is left for the seat 'SRE' in the stage 'operations': the account of sam is disabled.",
    });
    expect(part(explanation, "operations", "all of these", "SRE").status).toBe("unreachable");
    expect(part(explanation, "operations", "all of these", "Lead data scientist").status).toBe("open");
  });

  it("is told while an earlier stage is open, because people fill one seat only", () => {
    const members = [member("omni", "compliance", "sre"), member("dora", "data")];
    const { outcome, explanation } = evaluateApproval({ ...base, members });
    expect(outcome).toMatchObject({ kind: "open", unreachable: true });
    expect(part(explanation, "operations").why).toContain("omni is needed for another seat");
  });
});
