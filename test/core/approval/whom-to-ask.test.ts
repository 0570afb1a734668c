import { describe, expect, it } from "vitest";
import { absentAt, isTakenAbsence } from "../../../core/approval/absence.ts";
import { whomToAsk } from "../../../core/approval/whom-to-ask.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { identityKey } from "../../../core/promotion/identity.ts";
import {
  approvalInput,
  delegation,
  identity,
  inPlace,
  member,
  morning,
  now,
  one,
  rule,
  settled,
  signOff,
  stage,
} from "./people-and-votes.ts";

const members = [member("Ada", "data"), member("Bea", "sre"), member("Dan", "sre"), member("Eli"), member("Fay")];
const [forDan, forBea] = [delegation("Dan", "Eli", "sre"), delegation("Bea", "Fay", "sre")];
const base = {
  ...approvalInput({
    rule: rule(stage("first", one("data")), stage("review", { all: [one("data"), one("sre")] })),
    members,
    openStage: 1,
    delegations: [forDan],
  }),
  stage: 1,
  absent: new Set<never>(),
};
const away = (...names: string[]) => new Set(names.map((name) => identityKey(identity(name))));
const asked = (over: Partial<Parameters<typeof whomToAsk>[0]>, undecided = false) =>
  whomToAsk({ ...base, ...over }, { butThoseWhoDecided: undecided }).map(
    ({ role, member: { name }, inPlaceOf }) =>
      `${role}: ${name}${inPlaceOf === undefined ? "" : ` for ${inPlaceOf.name}`}`,
  );

describe("those who are asked", () => {
  it("could sign, themselves or in another's place", () => {
    expect(asked({})).toEqual(["data: Ada", "sre: Bea", "sre: Dan", "sre: Eli for Dan"]);
  });

  it("are not away, and whoever stands in for somebody away is asked all the same", () => {
    expect(asked({ absent: away("Dan", "Ada") })).toEqual(["sre: Bea", "sre: Eli for Dan"]);
    expect(asked({ absent: away("Eli") })).toEqual(["data: Ada", "sre: Bea", "sre: Dan"]);
  });

  it("are asked where somebody signed in their place, and another's sign-off fills the seat", () => {
    const signOffs = [inPlace(forDan, 1, { stage: 0 }), signOff("Zoe", ["data"], 2)];
    const [, zoe] = signOffs;
    expect(asked({ signOffs, settled: zoe === undefined ? [] : [settled(0, ["data", zoe])] })).toContain("sre: Dan");
  });

  it("have no seat in another stage, themselves or through whoever signed for them", () => {
    const ada = signOff("Ada", ["data"], 1);
    expect(asked({ settled: [settled(0, ["data", ada])], signOffs: [ada] })).toEqual([
      "sre: Bea",
      "sre: Dan",
      "sre: Eli for Dan",
    ]);
    const eli = inPlace(forDan, 1);
    expect(asked({ settled: [settled(0, ["data", eli])], signOffs: [eli], delegations: [forDan, forBea] })).toEqual([
      "data: Ada",
      "sre: Bea",
      "sre: Fay for Bea",
    ]);
    expect(asked({ settled: [settled(1, ["data", ada])], signOffs: [ada] })).toContain("data: Ada");
  });

  it("have not decided, where only those are wanted; a decision that was withdrawn is none", () => {
    const bea = signOff("Bea", ["sre"], 1, { stage: 1, result: "reject" });
    expect(asked({ signOffs: [bea] }, true)).toEqual(["data: Ada", "sre: Dan", "sre: Eli for Dan"]);
    expect(asked({ signOffs: [bea] })).toContain("sre: Bea");
    const withdrawn = signOff("Bea", ["sre"], 2, { stage: 1, result: "withdraw" });
    expect(asked({ signOffs: [bea, withdrawn] }, true)).toContain("sre: Bea");
    expect(asked({ signOffs: [inPlace(forDan, 1, { stage: 1 })] }, true)).toEqual(["data: Ada", "sre: Bea"]);
    expect(asked({ signOffs: [{ ...bea, stage: 0 }] }, true)).toContain("sre: Bea");
  });

  it.each<[string, Partial<Parameters<typeof whomToAsk>[0]>]>([
    ["is over", { delegations: [{ ...forDan, until: now }] }],
    ["has not begun", { delegations: [{ ...forDan, from: addSeconds(now, 1) }] }],
    ["is of another role", { delegations: [{ ...forDan, role: "data" }] }],
    ["is to nobody in the directory", { delegations: [delegation("Dan", "Nobody", "sre")] }],
    ["is of somebody who does not hold the role", { delegations: [delegation("Ada", "Eli", "sre")] }],
    ["is to a disabled account", { members: members.map((m) => (m.name === "Eli" ? { ...m, enabled: false } : m)) }],
    ["is to somebody who trained the model", { excluded: new Map([[identityKey(identity("Eli")), "trained it"]]) }],
    ["is to somebody who holds the role as well", { delegations: [delegation("Dan", "Bea", "sre")] }],
  ])("are no delegates whose delegation %s", (_, over) => {
    expect(asked(over)).toEqual(["data: Ada", "sre: Bea", "sre: Dan"]);
  });

  it("are asked once in a role, however many places they stand in", () => {
    expect(asked({ delegations: [forDan, delegation("Bea", "Eli", "sre")] })).toEqual([
      "data: Ada",
      "sre: Bea",
      "sre: Dan",
      "sre: Eli for Bea",
    ]);
  });
});

describe("whoever is away", () => {
  it("is so until the instant at which they are back", () => {
    const absence = { person: identity("Ada"), until: now };
    expect(absentAt([absence], addSeconds(now, -1))).toEqual(away("Ada"));
    expect(absentAt([absence], now)).toEqual(new Set());
  });

  it("is so for a year and a day at most", () => {
    expect(isTakenAbsence(addSeconds(morning, 366 * 86_400), morning)).toBe(true);
    expect(isTakenAbsence(addSeconds(morning, 366 * 86_400 + 1), morning)).toBe(false);
  });
});
