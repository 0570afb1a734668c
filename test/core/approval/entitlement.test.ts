import { describe, expect, it } from "vitest";
import {
  acrToAskFor,
  givesRole,
  needsPasskey,
  personOf,
  titleOf,
  whyTooWeak,
} from "../../../core/approval/entitlement.ts";
import { identity, member, roles } from "./people-and-votes.ts";

describe("a role", () => {
  const wide = { ...roles, sre: { title: "SRE", groups: ["ops", "sres"], judges: [] } };

  it("is held by whoever is in one of its groups", () => {
    expect(givesRole(wide, "sre", member("sam", "sre"))).toBe(true);
    expect(givesRole(wide, "sre", member("guest", "data"))).toBe(false);
  });

  it("that nobody defined is held by nobody, and called by its name", () => {
    for (const name of ["ghost", "toString"]) {
      expect(givesRole(roles, name, member("sam", "sre"))).toBe(false);
      expect(titleOf(roles, name)).toBe(name);
    }
    expect(titleOf(roles, "sre")).toBe("SRE");
    expect(whyTooWeak({}, undefined)).toBeUndefined();
  });

  it("asks for the classes of sign-in that every role takes, or else for all", () => {
    const asking = (...acr: string[]) => ({ title: "X", groups: ["x"], judges: [], signIn: { acr } });
    const strict = {
      ...{
        sre: asking("mfa", "hardware"),
        data: asking("hardware", "face"),
        risk: asking("voice"),
        odd: asking("a b"),
      },
      any: { title: "X", groups: ["x"], judges: [] },
      otp: { title: "X", groups: ["x"], judges: [], signIn: { amr: ["otp"] } },
    };
    expect(acrToAskFor(strict, ["sre"])).toEqual(["mfa", "hardware"]);
    expect(acrToAskFor(strict, ["sre", "data", "any", "otp"])).toEqual(["hardware"]);
    expect(acrToAskFor(strict, ["sre", "risk"])).toEqual(["mfa", "hardware", "voice"]);
    for (const nothing of [[], ["any"], ["otp"], ["odd"], ["ghost"]]) expect(acrToAskFor(strict, nothing)).toEqual([]);
  });

  it("needs a passkey of the approver where every role that is named asks for one", () => {
    const strict = { ...roles, sre: { title: "SRE", groups: ["sres"], judges: [], secondFactor: "passkey" as const } };
    expect(needsPasskey(strict, ["sre"])).toBe(true);
    expect(needsPasskey(strict, ["sre", "data"])).toBe(false);
    expect(needsPasskey(strict, ["data"])).toBe(false);
    expect(needsPasskey(strict, ["ghost"])).toBe(false);
    expect(needsPasskey(strict, [])).toBe(false);
  });

  it("that asks for a method is too much for whoever names none", () => {
    const role = { title: "SRE", groups: [], judges: [], signIn: { amr: ["Stryker was here"] } };
    expect(whyTooWeak({}, role)).toBe("signed in without 'Stryker was here' (amr), which the role 'SRE' asks for");
  });
});

describe("one person", () => {
  const entry = { name: "x", accounts: [], identities: [], outside: false };

  it("is everybody who shares an address, directly or through others, in whatever order they are listed", () => {
    const twins = [member("z"), member("m"), member("a")].map((each, index) => ({
      ...each,
      address: index === 2 ? "other@example.org" : "Same@example.org",
    }));
    const linked = [{ ...entry, addresses: ["same@example.org", "other@example.org"] }];
    for (const members of [twins, twins.toReversed()]) {
      const keyOf = personOf(members, linked);
      expect(new Set(["z", "m", "a"].map((name) => keyOf(identity(name)))).size).toBe(1);
      expect(new Set(["z", "m", "a"].map((name) => personOf(members, [])(identity(name)))).size).toBe(2);
    }
  });

  it("is nobody else for having no address either", () => {
    const silent = ["a", "b"].map((name) => ({ ...member(name), address: " " }));
    const keyOf = personOf(silent, []);
    expect(keyOf(identity("a"))).not.toBe(keyOf(identity("b")));
  });
});
