import { describe, expect, it } from "vitest";
import { evaluateApproval } from "../../../core/approval/evaluate-approval.ts";
import { findRejections } from "../../../core/approval/rejections.ts";
import { identityKey } from "../../../core/promotion/identity.ts";
import {
  approvalInput,
  identity,
  member,
  one,
  part,
  roles,
  rule,
  settled,
  signOff,
  stage,
} from "./people-and-votes.ts";

const two = rule(stage("compliance", one("compliance")), stage("operations", one("sre")));
const clara = signOff("clara", ["compliance"], 1);
const no = (name: string, role: string, minute: number, more = {}) =>
  signOff(name, [role], minute, { result: "reject", reason: "The bias report is old.", ...more });
const base = approvalInput({ rule: two, members: [member("clara", "compliance"), member("sam", "sre")] });
const patient = { ...base, rule: rule(stage("compliance", one("compliance", 2), { rejectionsToStop: 2 })) };

it("rejections that count leave nothing to say of others", () => {
  const input = { ...base, signOffs: [no("sam", "sre", 1)] };
  expect(findRejections(input, input.signOffs)).toEqual({
    decisive: { stage: 0, by: input.signOffs },
    standing: new Map([[0, 1]]),
    dismissed: [],
  });
});

describe("a role's own number of rejections", () => {
  const own = (role: string, number: number) => ({
    ...roles,
    [role]: { title: role, groups: [`${role}s`], judges: [], rejectionsToStop: number },
  });
  const patientSre = { ...base, roles: own("sre", 2) };

  it("leaves the stage's own to whoever holds another role as well", () => {
    const signOffs = [no("bo", "sre", 1, { groups: ["sres", "compliances"] })];
    expect(evaluateApproval({ ...patientSre, signOffs }).outcome).toMatchObject({
      kind: "rejected",
      by: [{ name: "bo" }],
    });
  });

  it("stops where so many of its holders reject, and says until then that they are too few", () => {
    const first = { ...patientSre, signOffs: [no("sam", "sre", 1)] };
    expect(evaluateApproval(first).outcome.kind).toBe("open");
    expect(part(evaluateApproval(first).explanation, "compliance").why).toContain(
      "1 rejected, which is too few to stop it.",
    );
    const second = { ...patientSre, signOffs: [no("sam", "sre", 1), no("sol", "sre", 2)] };
    expect(evaluateApproval(second).outcome).toMatchObject({
      kind: "rejected",
      by: [{ name: "sam" }, { name: "sol" }],
    });
  });

  it("counts rejections by its own holders alone towards it", () => {
    const often = rule(stage("compliance", { all: [one("compliance"), one("sre")] }, { rejectionsToStop: 3 }));
    const both = { ...patientSre, rule: often, signOffs: [no("sam", "sre", 1), no("clara", "compliance", 2)] };
    expect(evaluateApproval(both).outcome.kind).toBe("open");
    const two = { ...both, signOffs: [...both.signOffs, no("sol", "sre", 3)] };
    expect(evaluateApproval(two).outcome.kind).toBe("rejected");
  });

  it("lets anybody of another role stop it as before, and whoever holds both", () => {
    for (const last of [no("clara", "compliance", 2), no("bo", "sre", 2, { groups: ["sres", "compliances"] })]) {
      const input = { ...patientSre, signOffs: [no("sam", "sre", 1), last] };
      expect(evaluateApproval(input).outcome.kind).toBe("rejected");
    }
  });

  it("below the stage's gives its holders a veto", () => {
    const veto = { ...patient, roles: own("compliance", 1), signOffs: [no("clara", "compliance", 1)] };
    expect(evaluateApproval(veto).outcome.kind).toBe("rejected");
  });
});

describe("a rejection", () => {
  it("ends the promotion at once, and says who and why", () => {
    const { outcome, explanation } = evaluateApproval({ ...base, signOffs: [no("clara", "compliance", 1)] });
    expect(outcome).toEqual({
      kind: "rejected",
      by: [{ identity: identity("clara"), name: "clara" }],
      reason: "The bias report is old.",
    });
    expect(explanation).toMatchObject({
      status: "rejected",
      why: "Stage 'compliance': clara rejected: The bias report is old.",
    });
    expect(part(explanation, "compliance").status).toBe("rejected");
  });

  it("counts from whoever holds a role of any stage", () => {
    expect(evaluateApproval({ ...base, signOffs: [no("sam", "sre", 1)] }).outcome.kind).toBe("rejected");
  });

  it("counts from somebody excluded", () => {
    const excluded = new Map([[identityKey(identity("sam")), "trained the model"]]);
    expect(evaluateApproval({ ...base, excluded, signOffs: [no("sam", "sre", 1)] }).outcome.kind).toBe("rejected");
  });

  it("counts between the last stage and the verdict", () => {
    const sam = signOff("sam", ["sre"], 2, { stage: 1 });
    const approved = {
      ...base,
      openStage: undefined,
      settled: [settled(0, ["compliance", clara]), settled(1, ["sre", sam])],
      signOffs: [clara, sam],
    };
    expect(evaluateApproval(approved).outcome.kind).toBe("reached");
    const late = no("clara", "compliance", 9, { stage: 1 });
    expect(evaluateApproval({ ...approved, signOffs: [clara, sam, late] }).outcome.kind).toBe("rejected");
  });

  it("counts for nothing from somebody without a role, and is named", () => {
    const { outcome, explanation } = evaluateApproval({ ...base, signOffs: [no("guest", "a", 1)] });
    expect(outcome.kind).toBe("open");
    expect(part(explanation, "compliance").dismissed).toMatchObject([
      { person: { name: "guest" }, why: "held none of the roles of this promotion when rejecting" },
    ]);
  });

  it("comes before an approval within one instant", () => {
    const { outcome } = evaluateApproval({ ...base, signOffs: [clara, no("sam", "sre", 1)] });
    expect(outcome.kind).toBe("rejected");
  });

  it("of an earlier review does not count", () => {
    expect(evaluateApproval({ ...base, review: 2, signOffs: [no("clara", "compliance", 1)] }).outcome.kind).toBe(
      "open",
    );
  });

  it("that was invalidated does not count", () => {
    const vote = no("clara", "compliance", 1);
    const invalidated = new Map([[vote.id, "the plan changed"]]);
    expect(evaluateApproval({ ...base, invalidated, signOffs: [vote] }).outcome.kind).toBe("open");
  });
});

describe("where two rejections are needed", () => {
  const first = no("clara", "compliance", 1);

  it("one is told and does not end the promotion", () => {
    const { outcome, explanation } = evaluateApproval({ ...patient, signOffs: [first] });
    expect(outcome.kind).toBe("open");
    expect(part(explanation, "compliance").why).toContain("1 of the 2 rejections that would stop it.");
  });

  it("two of one person are one", () => {
    const again = no("clara", "compliance", 3);
    expect(evaluateApproval({ ...patient, signOffs: [first, again] }).outcome.kind).toBe("open");
  });

  it("two people end it, both named", () => {
    const second = no("cora", "compliance", 3, { reason: "Nor is the data." });
    expect(evaluateApproval({ ...patient, signOffs: [second, first] }).outcome).toMatchObject({
      by: [{ name: "clara" }, { name: "cora" }],
      reason: "The bias report is old.; Nor is the data.",
    });
  });

  it.each(["withdraw", "approve"] as const)("one that was followed by '%s' is gone", (result) => {
    const after = signOff("clara", ["compliance"], 2, { result });
    const second = no("cora", "compliance", 3);
    expect(evaluateApproval({ ...patient, signOffs: [first, after, second] }).outcome.kind).toBe("open");
  });

  it("a withdrawal after the second one comes too late", () => {
    const after = signOff("clara", ["compliance"], 4, { result: "withdraw" });
    const second = no("cora", "compliance", 3);
    expect(evaluateApproval({ ...patient, signOffs: [first, second, after] }).outcome.kind).toBe("rejected");
  });
});
