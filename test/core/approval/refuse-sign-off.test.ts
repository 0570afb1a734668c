import { describe, expect, it } from "vitest";
import { type AttemptedSignOff, refuseSignOff } from "../../../core/approval/refuse-sign-off.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import { identityKey } from "../../../core/promotion/identity.ts";
import { approval, attempt, clara, operations, refusal } from "./attempted-sign-off.ts";
import { identity, now, signOff } from "./people-and-votes.ts";

describe("in a freeze window", () => {
  const calendar = { kind: "frozen", window: "Year end", until: "2027-01-04T07:00:00.000Z" as Instant } as const;
  const inWindow = (decision: AttemptedSignOff) =>
    refuseSignOff({ approval, openStage: operations, attempt: decision, calendar });

  it("an approval is refused, with the instant at which it may be given", () => {
    expect(inWindow(attempt("dora", ["data"]))).toEqual({
      code: "change-freeze",
      why: "Changes are frozen ('Year end') until 2027-01-04T07:00:00.000Z. Nothing is approved before; a rejection is taken at any time.",
      whoElse: [],
    });
  });

  it("who may not approve at all is told that, and not to come back afterwards", () => {
    expect(inWindow(attempt("guest", ["data"]))?.code).toBe("not-entitled");
  });

  it("a rejection is taken", () => {
    expect(inWindow(attempt("dora", ["data"], { result: "reject", reason: "No." }))).toBeUndefined();
  });
});

describe("a role of some issuers", () => {
  it("is held by whom these vouch for, and by nobody else in the same group", () => {
    const data = { title: "Lead data scientist", groups: ["datas"], judges: [], issuers: ["https://other.example"] };
    const roles = { ...approval.roles, data };
    expect(refusal(attempt("dora", ["data"]), { roles })?.code).toBe("not-entitled");
    const own = { ...data, issuers: [identity("dora").issuer] };
    expect(refusal(attempt("dora", ["data"]), { roles: { ...roles, data: own } })).toBeUndefined();
  });
});

describe("a rejection", () => {
  const no = (name: string, more: Partial<AttemptedSignOff> = {}) =>
    attempt(name, [], { result: "reject", reason: "No.", groups: ["datas"], ...more });

  it.each([
    ["by somebody excluded", { excluded: new Map([[identityKey(identity("dora")), "trained the model"]]) }, operations],
    ["before the minimum review time", {}, { ...operations, openedAt: now }],
    ["while nothing is open", { openStage: undefined }, { ...operations, open: false }],
  ])("is taken %s", (_, change, openStage) => {
    expect(refusal(no("dora"), change, openStage)).toBeUndefined();
  });

  it("needs no passkey and no kind of sign-in, whatever the role asks of approvals", () => {
    const roles = {
      ...approval.roles,
      data: { title: "D", groups: ["datas"], judges: [], secondFactor: "passkey" as const },
    };
    expect(refusal(no("dora"), { roles })).toBeUndefined();
  });

  it("needs a reason", () => {
    expect(refusal(no("dora", { reason: "  " }))).toEqual({
      code: "reason-required",
      why: "A rejection needs a reason that its authors can act on.",
      whoElse: [],
    });
  });

  it("needs a role of some stage", () => {
    expect(refusal(no("guest", { groups: ["guests"] }))).toEqual({
      code: "not-entitled",
      why: "guest holds none of the roles that may reject this promotion: Compliance officer, Lead data scientist, SRE.",
      whoElse: [],
    });
  });
});

describe("a withdrawal", () => {
  const back = (name: string, index = 1) => attempt(name, [], { result: "withdraw", stage: index });

  it("is taken from whoever decided in the open stage", () => {
    const signOffs = [clara, signOff("dora", ["data"], 2, { stage: 1 })];
    expect(refusal(back("dora"), { signOffs })).toBeUndefined();
  });

  it("is refused where there is nothing to withdraw, or no longer", () => {
    const nothing = "dora has no decision in the stage 'operations' that could be withdrawn.";
    expect(refusal(back("dora"))).toEqual({ code: "invalid-request", why: nothing, whoElse: [] });
    expect(refusal(back("dora", 7))).toEqual({ code: "stage-not-open", why: "There is no such stage.", whoElse: [] });
    const signOffs = [
      signOff("dora", ["data"], 2, { stage: 1 }),
      signOff("dora", ["data"], 3, { stage: 1, result: "withdraw" }),
    ];
    expect(refusal(back("dora"), { signOffs })?.code).toBe("invalid-request");
  });

  it("is refused for a decided stage, pointing to the rejection", () => {
    expect(refusal(back("clara", 0))).toMatchObject({
      code: "stage-not-open",
      why: "The stage 'compliance' is not open. Until the verdict is signed you can still reject.",
    });
  });
});
