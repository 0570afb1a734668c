import { describe, expect, it } from "vitest";
import { evaluateApproval } from "../../../core/approval/evaluate-approval.ts";
import { lostSeats, whyExcluded } from "../../../core/approval/settled-stages.ts";
import { identityKey } from "../../../core/promotion/identity.ts";
import type { SignOff } from "../../../core/promotion/sign-off.ts";
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

const clara = signOff("clara", ["compliance"], 1);
const dora = signOff("dora", ["data"], 2, { stage: 1 });
const sam = signOff("sam", ["sre"], 3, { stage: 1 });
const members = [member("clara", "compliance"), member("dora", "data"), member("sam", "sre"), member("sue", "sre")];
const approved = approvalInput({
  rule: rule(stage("compliance", one("compliance")), stage("operations", { all: [one("data"), one("sre")] })),
  members,
  openStage: undefined,
  settled: [settled(0, ["compliance", clara]), settled(1, ["data", dora], ["sre", sam])],
  signOffs: [clara, dora, sam],
  entitlement: "as-of-now",
});

describe("at verification", () => {
  it("everything stands while every seat does", () => {
    const { outcome, explanation } = evaluateApproval(approved);
    expect(outcome).toEqual({ kind: "reached", settled: settled(1, ["data", dora], ["sre", sam]), next: undefined });
    expect(explanation.status).toBe("met");
    expect(lostSeats(approved)).toEqual([]);
  });

  it.each([
    [
      "left the group",
      { members: members.map((m) => (m.name === "sam" ? { ...m, groups: [] } : m)) },
      "no longer holds the role 'SRE'",
    ],
    [
      "was disabled",
      { members: members.map((m) => (m.name === "sam" ? { ...m, enabled: false } : m)) },
      "has a disabled account",
    ],
    ["left the directory", { members: members.filter((m) => m.name !== "sam") }, "is not in the directory any more"],
    [
      "turns out to have trained the model",
      { excluded: new Map([[identityKey(identity("sam")), "trained the model"]]) },
      "trained the model, and so cannot approve it",
    ],
    [
      "signed something that was invalidated",
      { invalidated: new Map([[sam.id, "was given for another plan"]]) },
      "was given for another plan",
    ],
    ["has no recorded sign-off", { signOffs: [clara, dora] }, "has no such sign-off"],
    ["signed in another role", { signOffs: [clara, dora, { ...sam, roles: ["data"] }] }, "did not sign as 'SRE'"],
    [
      "took the approval back",
      { signOffs: [clara, dora, sam, signOff("sam", ["sre"], 4, { stage: 1, result: "withdraw" })] },
      "has taken the approval back",
    ],
  ])("a seat falls open when its signer %s", (_, change, why) => {
    const input = { ...approved, ...change };
    const { outcome, explanation } = evaluateApproval(input);
    expect(outcome).toMatchObject({ kind: "open", missing: ["sre"], unreachable: false });
    expect(lostSeats(input)).toMatchObject([{ stage: 1, role: "sre", person: { identity: identity("sam") }, why }]);
    expect(part(explanation, "compliance").status).toBe("met");
    expect(part(explanation, "operations").status).toBe("open");
    expect(part(explanation, "operations").why).toContain(`A seat is open again: sa`);
    expect(part(explanation, "operations", "all of these", "Lead data scientist").status).toBe("met");
    expect(part(explanation, "operations", "all of these", "SRE")).toMatchObject({
      status: "open",
      seats: [{ couldBeFilledBy: expect.arrayContaining([expect.objectContaining({ name: "sue" })]) }],
    });
  });

  it("seats that the requirement does not ask for do not stand", () => {
    const input = { ...approved, settled: [settled(0, ["compliance", clara]), settled(1, ["data", dora])] };
    expect(evaluateApproval(input).outcome).toMatchObject({ kind: "open", missing: ["data", "sre"] });
    expect(lostSeats(input)).toMatchObject([{ role: "data", why: "signed for seats that the stage does not ask for" }]);
  });

  it("a stage that is written down as decided with no seats is not", () => {
    const input = { ...approved, settled: [settled(0), settled(1, ["data", dora], ["sre", sam])] };
    expect(evaluateApproval(input).outcome).toMatchObject({ kind: "open", missing: ["compliance"] });
  });

  it.each<[string, Partial<SignOff>, string]>([
    ["is in another stage", { stage: 0 }, "has no such sign-off"],
    ["is somebody else's", { reviewer: identity("sue") }, "has no such sign-off"],
    ["is of an earlier review", { review: 7 }, "signed in an earlier review"],
    ["is no approval", { result: "reject" }, "did not approve"],
  ])("a seat falls open whose sign-off %s", (_, over, why) => {
    const signOffs = [clara, dora, { ...sam, ...over }];
    expect(lostSeats({ ...approved, signOffs }).map((seat) => seat.why)).toEqual([why]);
  });

  it("a seat does not stand on the sign-off of another, though both have approved", () => {
    const sue = signOff("sue", ["sre"], 4, { stage: 1 });
    const borrowed = {
      index: 1,
      seats: [...settled(1, ["data", dora]).seats, { role: "sre", person: sam.reviewer, signOff: sue.id }],
    };
    const input = {
      ...approved,
      settled: [settled(0, ["compliance", clara]), borrowed],
      signOffs: [clara, dora, sam, sue],
    };
    expect(lostSeats(input).map((seat) => seat.why)).toEqual(["has no such sign-off"]);
    expect(evaluateApproval(input).outcome).toMatchObject({ kind: "open", missing: ["sre"] });
  });

  it("a seat that nobody knows the signer of is somebody's", () => {
    const input = { ...approved, signOffs: [clara, dora], members: members.filter(({ name }) => name !== "sam") };
    expect(lostSeats(input)).toMatchObject([{ person: { identity: identity("sam"), name: "Somebody" } }]);
  });

  it("whoever is named first in a stage that comes later gives way to the one before", () => {
    const again = signOff("clara", ["data"], 2, { stage: 1 });
    const input = {
      ...approved,
      members: [...members, member("clara", "compliance", "data")],
      settled: [settled(1, ["data", again], ["sre", sam]), settled(0, ["compliance", clara])],
      signOffs: [again, sam, clara],
    };
    expect(lostSeats(input)).toMatchObject([{ stage: 1, role: "data", why: "already fills another seat" }]);
  });

  it("a delegate's seat is the delegator's as well, in whichever stage", () => {
    const given = delegation("dora", "guest", "data");
    const guest = inPlace(given, 2, { stage: 1 });
    const own = signOff("dora", ["compliance"], 1);
    const input = {
      ...approved,
      members: [...members, member("guest"), member("dora", "data", "compliance")],
      delegations: [given],
      settled: [settled(0, ["compliance", own]), settled(1, ["data", guest], ["sre", sam])],
      signOffs: [own, guest, sam],
    };
    expect(lostSeats(input)).toMatchObject([
      { stage: 1, person: { name: "guest", inPlaceOf: "dora" }, why: "already fills another seat" },
    ]);
  });

  it("a person in two seats keeps the first", () => {
    const again = signOff("clara", ["data"], 2, { stage: 1 });
    const input = {
      ...approved,
      members: [...members, member("clara", "compliance", "data")],
      settled: [settled(0, ["compliance", clara]), settled(1, ["data", again], ["sre", sam])],
      signOffs: [clara, again, sam],
    };
    expect(lostSeats(input)).toMatchObject([{ stage: 1, role: "data", why: "already fills another seat" }]);
  });

  it("a stage that was never decided is missing", () => {
    expect(evaluateApproval({ ...approved, settled: [settled(0, ["compliance", clara])] }).outcome).toMatchObject({
      kind: "open",
      missing: ["data", "sre"],
    });
  });
});

describe("a stage that is open again", () => {
  const sue = signOff("sue", ["sre"], 9, { stage: 1 });
  const again = {
    ...approved,
    openStage: 1,
    entitlement: "as-signed" as const,
    invalidated: new Map([[sam.id, "fell"]]),
  };

  it("keeps the signatures that still count", () => {
    const { outcome, explanation } = evaluateApproval(again);
    expect(outcome).toEqual({ kind: "open", missing: ["sre"], unreachable: false });
    expect(part(explanation, "operations", "all of these", "Lead data scientist").why).toBe("Filled by dora.");
  });

  it("is reached by the one that was missing", () => {
    expect(evaluateApproval({ ...again, signOffs: [clara, dora, sam, sue] }).outcome).toEqual({
      kind: "reached",
      settled: settled(1, ["data", dora], ["sre", sue]),
      next: undefined,
    });
  });

  it("does not unseat the stages after it, and goes on with an earlier one that fell", () => {
    const reopened = { ...approved, openStage: 0, settled: [settled(1, ["data", dora], ["sre", sam])] };
    expect(evaluateApproval(reopened).outcome).toMatchObject({ kind: "reached", next: undefined });
    const earlierFell = { ...again, invalidated: new Map([[clara.id, "fell"]]) };
    expect(evaluateApproval(earlierFell).outcome).toMatchObject({ kind: "reached", next: 0 });
  });

  it("stands as it was decided last", () => {
    const twice = {
      ...approved,
      invalidated: new Map([[sam.id, "fell"]]),
      settled: [...approved.settled, settled(1, ["data", dora], ["sre", sue])],
      signOffs: [clara, dora, sam, sue],
    };
    expect(evaluateApproval(twice).outcome).toMatchObject({
      kind: "reached",
      settled: settled(1, ["data", dora], ["sre", sue]),
    });
  });
});

it("a decided stage stands by exactly the seats that it asks for, and by none where there is one more", () => {
  const sue = signOff("sue", ["sre"], 4, { stage: 1 });
  const more = settled(1, ["data", dora], ["sre", sam], ["sre", sue]);
  const lost = lostSeats({
    ...approved,
    signOffs: [...approved.signOffs, sue],
    settled: [settled(0, ["compliance", clara]), more],
  });
  expect(lost.map(({ person: { name }, why }) => `${name} ${why}`)).toEqual(
    ["dora", "sam", "sue"].map((name) => `${name} signed for seats that the stage does not ask for`),
  );
});

it("separation of duties names the person in whose very place somebody signed, where that is recorded", () => {
  const [given, other] = [delegation("sam", "emil", "sre"), delegation("sue", "emil", "sre")];
  const excluded = new Map([[identityKey(identity("sam")), "trained the model"]]);
  const why = (delegations: readonly (typeof given)[]) => whyExcluded(inPlace(given, 1), { excluded, delegations });
  expect(why([other, given])).toBe("signed in the place of sam, who trained the model, and so cannot approve it");
  expect(why([other])).toBe("signed in the place of somebody, who trained the model, and so cannot approve it");
});
