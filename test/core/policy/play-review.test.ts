import { describe, expect, it } from "vitest";
import { type GivenDecision, playReview, type ReviewToPlay, withoutSignIn } from "../../../core/policy/play-review.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import { bo, cora, dana, everybody, id, matrix, now, sam, tom } from "../promotion/promotion-in-review.ts";

const [rule] = matrix.rules;
if (rule === undefined) throw new Error("The matrix has no rule.");

/** First a compliance officer, then a lead data scientist and an SRE. */
const review: ReviewToPlay = {
  promotion: id,
  rule,
  roles: matrix.roles,
  decisions: [],
  excluded: new Map(),
  members: everybody,
  people: [],
  entitlement: "as-of-now",
  now,
};

function decision({ identity, name, groups }: Member, over: Partial<GivenDecision> = {}): GivenDecision {
  return { reviewer: identity, reviewerName: name, groups, result: "approve", reason: "assumed", at: now, ...over };
}

function played(...decisions: readonly GivenDecision[]) {
  const { approval, settled, stage, unused } = playReview({ ...review, decisions });
  return {
    outcome: approval.outcome,
    settled: settled.map(({ index }) => index),
    stage,
    unused: unused.map(({ reviewerName }) => reviewerName),
  };
}

describe("playing a review", () => {
  it("waits in the first stage where nobody signed", () => {
    expect(played()).toMatchObject({
      outcome: { kind: "open", missing: ["compliance-officer"] },
      settled: [],
      stage: { index: 0, name: "compliance" },
      unused: [],
    });
  });

  it("takes each approval in the stage that asks for it, whatever their order", () => {
    expect(played(decision(sam), decision(dana), decision(cora))).toMatchObject({
      outcome: { kind: "reached" },
      settled: [0, 1],
      stage: { index: 1, name: "model and operations" },
      unused: [],
    });
    expect(played(decision(sam), decision(cora))).toMatchObject({
      outcome: { kind: "open", missing: ["lead-data-scientist"] },
      settled: [0],
      stage: { index: 1, name: "model and operations" },
    });
  });

  it("names the approvals that no stage so far asked for, and no rejection", () => {
    expect(played(decision(dana), decision(sam)).unused).toEqual(["Dana", "Sam"]);
    expect(played(decision(cora), decision(tom, { groups: [] })).unused).toEqual(["Tom"]);
    expect(played(decision(cora, { result: "reject" })).unused).toEqual([]);
  });

  it("counts an approval in the roles that it names, and in no other that the person holds", () => {
    const named = decision(bo, { roles: ["sre"] });
    expect(played(decision(cora), named)).toMatchObject({
      outcome: { kind: "open", missing: ["lead-data-scientist"] },
    });
    expect(played(decision(cora), named, decision(dana)).outcome.kind).toBe("reached");
    expect(played(decision(cora), named, decision(sam)).outcome).toMatchObject({ missing: ["lead-data-scientist"] });
    expect(played(decision(cora), decision(bo), decision(sam)).outcome.kind).toBe("reached");
  });

  it("ends with a rejection, in whichever stage it was given", () => {
    expect(played(decision(sam, { result: "reject", reason: "No." })).outcome).toMatchObject({
      kind: "rejected",
      by: [{ name: "Sam" }],
    });
    const inStage = (stage: number) => played(decision(cora), decision(sam, { result: "reject", stage }));
    expect(inStage(1)).toMatchObject({ outcome: { kind: "rejected" }, stage: { index: 0 } });
    expect(inStage(7)).toMatchObject({ outcome: { kind: "rejected" }, stage: { index: 0 } });
  });

  it("lets a rejection in the second stage stop what only its own number stops", () => {
    const stages = rule.stages.map((stage, index) => (index === 0 ? { ...stage, rejectionsToStop: 2 } : stage));
    const of = (stage: number) =>
      playReview({
        ...review,
        rule: { ...rule, stages },
        decisions: [decision(cora), decision(sam, { result: "reject", stage })],
      }).approval.outcome.kind;
    expect([of(0), of(1), of(2)]).toEqual(["open", "rejected", "rejected"]);
  });

  it("refuses a rule that has no stage", () => {
    expect(() => playReview({ ...review, rule: { ...rule, stages: [] } })).toThrow(
      "The review came to stage 0, which is not there to open.",
    );
  });
});

it("takes from the roles what they ask of the way of signing, and nothing else", () => {
  const role = { title: "SRE", groups: ["sre"], judges: [] };
  const asked = { ...role, signIn: { acr: ["mfa"] }, secondFactor: "passkey" as const };
  expect(withoutSignIn({ sre: asked, other: role })).toEqual({ sre: role, other: role });
});
