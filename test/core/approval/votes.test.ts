import { describe, expect, it } from "vitest";
import type { ApprovalInput } from "../../../core/approval/approval-input.ts";
import { evaluateApproval } from "../../../core/approval/evaluate-approval.ts";
import type { SignOff } from "../../../core/promotion/sign-off.ts";
import {
  approvalInput,
  delegation,
  inPlace,
  member,
  one,
  part,
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
];
const input = approvalInput({
  rule: rule(stage("review", { all: [one("data"), one("sre", 2)] }), stage("last", one("compliance"))),
  members,
});
const judged = (signOffs: readonly SignOff[], over: Partial<ApprovalInput> = {}) => {
  const { outcome, explanation } = evaluateApproval({ ...input, signOffs, ...over });
  const dismissed = (part(explanation, "review").dismissed ?? []).map(({ person, why }) => `${person.name} ${why}`);
  return { missing: outcome.kind === "open" ? outcome.missing : outcome.kind, dismissed };
};

describe("an approval that does not count", () => {
  it("for it names no role of the stage, says which these are", () => {
    expect(judged([signOff("Cas", ["compliance"], 1)])).toEqual({
      missing: ["data", "sre", "sre"],
      dismissed: ["Cas signed in none of the roles of this stage: Lead data scientist, SRE"],
    });
  });

  it("in either of its roles, says why for both", () => {
    expect(judged([signOff("Cas", ["data", "sre"], 1, { groups: ["compliances"] })]).dismissed).toEqual([
      "Cas was not signed in with the role 'Lead data scientist', was not signed in with the role 'SRE'",
    ]);
  });

  it("in one of its roles, counts in the other and says why not in both", () => {
    expect(judged([signOff("Bea", ["data", "sre"], 1, { groups: ["datas"] })])).toEqual({
      missing: ["sre", "sre"],
      dismissed: ["Bea was not signed in with the role 'SRE'"],
    });
  });

  it("is told in the stage in which it was given", () => {
    const earlier = signOff("Cas", ["compliance"], 1, { stage: 1, review: 7 });
    const { explanation } = evaluateApproval({ ...input, signOffs: [earlier] });
    expect(part(explanation, "review").dismissed).toBeUndefined();
    expect(part(explanation, "last").dismissed).toMatchObject([{ why: "signed in an earlier review" }]);
  });
});

describe("a vote in somebody's place", () => {
  const [forDan, alsoForDan] = [delegation("Dan", "Eli", "sre"), delegation("Dan", "Fay", "sre")];
  const delegations = [forDan, alsoForDan];

  it("counts once, whoever else stands in the same place", () => {
    expect(judged([inPlace(forDan, 1), inPlace(alsoForDan, 2)], { delegations })).toEqual({
      missing: ["data", "sre"],
      dismissed: ["Fay signed in the place of somebody for whom another has signed"],
    });
  });

  it("counts for nothing beside the delegator's own, and counts again once that is withdrawn", () => {
    const own = signOff("Dan", ["sre"], 2);
    expect(judged([inPlace(forDan, 1), own], { delegations })).toEqual({
      missing: ["data", "sre"],
      dismissed: ["Eli signed in the place of Dan, who has decided"],
    });
    const withdrawn = signOff("Dan", ["sre"], 3, { result: "withdraw" });
    expect(judged([inPlace(forDan, 1), own, withdrawn], { delegations })).toEqual({
      missing: ["data", "sre"],
      dismissed: ["Dan withdrew the decision"],
    });
  });

  it("counts for nothing where the delegator fills a seat in another stage", () => {
    const again = rule(stage("first", one("sre")), stage("review", one("sre")));
    const dan = signOff("Dan", ["sre"], 1);
    const vote = inPlace(forDan, 2, { stage: 1 });
    const over = { rule: again, openStage: 1, settled: [settled(0, ["sre", dan])], delegations };
    expect(judged([dan, vote], over)).toEqual({
      missing: ["sre"],
      dismissed: ["Eli signed in the place of somebody who already fills the seat 'SRE' in the stage 'first'"],
    });
  });

  it("takes the seat of both in the stages that follow", () => {
    const again = rule(stage("review", one("sre")), stage("second", one("sre")));
    const { outcome } = evaluateApproval({ ...input, rule: again, signOffs: [inPlace(forDan, 1)], delegations });
    if (outcome.kind !== "reached") expect.unreachable();
    const vote = inPlace(forDan, 1);
    const over = { rule: again, openStage: 1, settled: [outcome.settled], delegations };
    const next = evaluateApproval({ ...input, ...over, signOffs: [vote, signOff("Dan", ["sre"], 5, { stage: 1 })] });
    expect(next.outcome).toMatchObject({ kind: "open", missing: ["sre"] });
    expect(part(next.explanation, "second").dismissed).toMatchObject([
      { why: "already fills the seat 'SRE' in the stage 'review'" },
    ]);
  });
});
