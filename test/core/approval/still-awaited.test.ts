import { describe, expect, it } from "vitest";
import type { Delegation } from "../../../core/approval/delegation.ts";
import { stillAwaited } from "../../../core/approval/still-awaited.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import { approvalInput, identity, member, now, one, rule, signOff, stage } from "./people-and-votes.ts";

const people = [member("dora", "data"), member("dana", "data"), member("sam", "sre"), member("clara", "compliance")];
const both = approvalInput({ rule: rule(stage("review", { all: [one("data"), one("sre")] })), members: people });
const names = (input: typeof both) => {
  const { roles, people: all } = stillAwaited(input, 0);
  return {
    roles: roles.map(({ role, people: asked }) => [role, ...asked.map(({ member: { name } }) => name)]),
    all: all.map(({ member: { name } }) => name),
  };
};

describe("an open stage", () => {
  it("waits for everybody who could fill a free seat", () => {
    expect(names(both)).toEqual({
      roles: [
        ["data", "dana", "dora"],
        ["sre", "sam"],
      ],
      all: ["dana", "dora", "sam"],
    });
  });

  it("waits for nobody once it is decided, whatever other way there was", () => {
    const either = { ...both, rule: rule(stage("review", { any: [one("data"), one("sre")] })) };
    expect(names(either).all).toEqual(["dana", "dora", "sam"]);
    expect(names({ ...either, signOffs: [signOff("dora", ["data"], 1)] })).toEqual({ roles: [], all: [] });
  });

  it("waits for nobody in a role whose seat is filled", () => {
    expect(names({ ...both, signOffs: [signOff("dora", ["data"], 1)] })).toEqual({
      roles: [["sre", "sam"]],
      all: ["sam"],
    });
  });

  it("does not wait for whoever has decided, and again once they took it back", () => {
    const two = { ...both, rule: rule(stage("review", one("data", 2), { rejectionsToStop: 2 })) };
    const rejected = signOff("dora", ["data"], 1, { result: "reject" });
    expect(names({ ...two, signOffs: [rejected] }).all).toEqual(["dana"]);
    const withdrawn = signOff("dora", ["data"], 2, { result: "withdraw" });
    expect(names({ ...two, signOffs: [rejected, withdrawn] }).all).toEqual(["dana", "dora"]);
  });

  it("waits for those on another way than the nearest as well", () => {
    const either = { ...both, rule: rule(stage("review", { any: [one("compliance"), one("sre", 1)] })) };
    expect(names(either)).toEqual({ roles: [["compliance", "clara"]], all: ["clara", "sam"] });
  });

  it("waits for whoever stands in for somebody", () => {
    const delegation: Delegation = {
      id: sha256Hex(utf8("delegation")),
      delegator: identity("sam"),
      delegatorName: "sam",
      delegatorGroups: ["sres"],
      delegate: identity("clara"),
      role: "sre",
      scope: {},
      from: addSeconds(now, -60),
      until: addSeconds(now, 3600),
      recordedAt: addSeconds(now, -60),
    };
    const { roles } = stillAwaited({ ...both, delegations: [delegation] }, 0);
    expect(roles[1]?.people.map((asked) => [asked.member.name, asked.inPlaceOf?.name])).toEqual([
      ["sam", undefined],
      ["clara", "sam"],
    ]);
  });

  it("waits for nobody once it is decided", () => {
    const signOffs = [signOff("dora", ["data"], 1), signOff("sam", ["sre"], 2)];
    expect(stillAwaited({ ...both, signOffs }, 0)).toEqual({ roles: [], people: [] });
  });
});
