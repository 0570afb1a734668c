import { describe, expect, it } from "vitest";
import { type AttemptedSignOff, refuseSignOff } from "../../../core/approval/refuse-sign-off.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import { identityKey } from "../../../core/promotion/identity.ts";
import type { OpenStage } from "../../../core/promotion/promotion.ts";
import { approval, attempt, clara, operations, refusal } from "./attempted-sign-off.ts";
import { delegation, identity, inPlace, now, settled, signOff } from "./people-and-votes.ts";

describe("an approval", () => {
  it("is taken from whoever holds the role, once the minimum review time is over", () => {
    expect(refusal(attempt("dora", ["data"]))).toBeUndefined();
  });

  it("is refused to the one who trained the model, with who else could", () => {
    const excluded = new Map([[identityKey(identity("dora")), "trained the model"]]);
    expect(refusal(attempt("dora", ["data"]), { excluded })).toEqual({
      code: "not-entitled",
      why: "dora trained the model, and so cannot approve it.",
      whoElse: [{ identity: identity("dana"), name: "dana" }],
    });
  });

  it("is taken from whoever somebody signed in place of, where another's sign-off fills the seat", () => {
    const given = delegation("dora", "guest", "compliance");
    const unseated = inPlace(given, 0, { stage: 0 });
    expect(refusal(attempt("dora", ["data"]), { signOffs: [unseated, clara], delegations: [given] })).toBeUndefined();
  });

  it("is taken no sooner where the identity provider's clock is ahead", () => {
    const opened = { ...operations, openedAt: addSeconds(now, -3599) };
    const signedBy = addSeconds(now, 60);
    expect(refusal({ ...attempt("dora", ["data"]), signedBy }, {}, opened)?.code).toBe("too-early");
  });

  it("speaks of the escalation only where there is one to wait for", () => {
    const escalation = { afterSeconds: 3600, to: "a" };
    const why = (change: Partial<typeof approval>) => refusal(attempt("dora", ["a"]), change)?.why;
    const plain = "dora signs in none of the roles that the stage 'operations' asks for: Lead data scientist, SRE.";
    const from = addSeconds(now, 60);
    const escalations = new Map([[1, from]]);
    const rule = { ...approval.rule, escalation };
    expect(why({ rule })).toBe(plain);
    expect(why({ escalations })).toBe(plain);
    expect(why({ rule, escalations })).toBe(`${plain} As A it may be signed from ${from} on.`);
  });

  it("says so where nobody else could", () => {
    const excluded = new Map(["dora", "dana"].map((name) => [identityKey(identity(name)), "trained the model"]));
    expect(refusal(attempt("dora", ["data"]), { excluded })?.why).toContain("Nobody else could at the moment.");
  });

  it.each<[string, AttemptedSignOff, string, string[]]>([
    [
      "names a role that the login does not give",
      attempt("guest", ["data"], { groups: [] }),
      "guest was not signed in with the role 'Lead data scientist'.",
      ["dana", "dora"],
    ],
    [
      "holds the role by the login but no longer in the directory",
      attempt("sam", ["data"]),
      "sam no longer holds the role 'Lead data scientist'.",
      ["dana", "dora"],
    ],
    [
      "names no role that the stage asks for",
      attempt("dora", ["compliance"]),
      "dora signs in none of the roles that the stage 'operations' asks for: Lead data scientist, SRE.",
      ["dana", "sam"],
    ],
    ["is nobody in the directory", attempt("stranger", ["sre"]), "stranger is not in the directory any more.", ["sam"]],
    [
      "fills a seat in an earlier stage",
      attempt("clara", ["data"]),
      "clara already fills the seat 'Compliance officer' in the stage 'compliance'; a person fills one seat at most.",
      ["dana", "dora"],
    ],
  ])("is refused to somebody who %s", (_, decision, why, whoElse) => {
    expect(refusal(decision)).toMatchObject({ code: "not-entitled", why, whoElse: whoElse.map((name) => ({ name })) });
  });

  const strict = {
    ...approval.roles,
    sre: {
      title: "SRE",
      groups: ["sres"],
      judges: [],
      signIn: { acr: ["urn:high", "urn:mfa"], amr: ["otp", "pwd"] },
      secondFactor: "passkey" as const,
    },
  };
  const strong = {
    acr: "urn:mfa",
    amr: ["pwd", "otp", "geo"],
    passkey: { id: sha256Hex(utf8("sam's passkey")), counter: 0 },
  };

  it("is taken from somebody who signed in as the role asks, with a passkey", () => {
    expect(refusal(attempt("sam", ["sre"], strong), { roles: strict })).toBeUndefined();
  });

  it.each<[string, Partial<AttemptedSignOff>, string]>([
    [
      "with no stated assurance",
      { amr: strong.amr, passkey: strong.passkey },
      "sam signed in with no stated assurance (acr), and the role 'SRE' asks for 'urn:high' and 'urn:mfa'.",
    ],
    [
      "with another assurance",
      { ...strong, acr: "urn:low" },
      "sam signed in with the assurance 'urn:low' (acr), and the role 'SRE' asks for 'urn:high' and 'urn:mfa'.",
    ],
    [
      "with one method of two",
      { ...strong, amr: ["pwd"] },
      "sam signed in without 'otp' (amr), which the role 'SRE' asks for.",
    ],
    [
      "without a passkey",
      { acr: strong.acr, amr: strong.amr },
      "sam signed without a passkey that is confirmed and not revoked, which the role 'SRE' asks for.",
    ],
  ])("is refused to somebody who signed in %s where the role asks for more", (_, how, why) => {
    const refused = refusal(attempt("sam", ["sre"], how), { roles: strict });
    expect(refused?.code).toBe("not-entitled");
    expect(refused?.why).toContain(why);
  });

  it("in another role needs nothing that this role asks for", () => {
    expect(refusal(attempt("dora", ["data"]), { roles: strict })).toBeUndefined();
  });

  it("is taken where one of two named roles is held", () => {
    expect(refusal(attempt("dora", ["data", "sre"], { groups: ["datas"] }))).toBeUndefined();
  });

  it.each<[string, AttemptedSignOff, OpenStage | undefined, string]>([
    [
      "for a stage that is decided",
      attempt("clara", ["compliance"], { stage: 0 }),
      operations,
      "The stage 'compliance' is not open.",
    ],
    [
      "for a stage that is closed",
      attempt("dora", ["data"]),
      { ...operations, open: false },
      "The stage 'operations' is not open.",
    ],
    [
      "at its deadline",
      attempt("dora", ["data"]),
      { ...operations, deadline: now },
      `The stage 'operations' was over at ${now}.`,
    ],
    ["for a stage that does not exist", attempt("dora", ["data"], { stage: 7 }), operations, "There is no such stage."],
  ])("is refused %s", (_, decision, openStage, why) => {
    expect(refusal(decision, {}, openStage)).toEqual({ code: "stage-not-open", why, whoElse: [] });
  });

  it("is refused in somebody's place who has a seat, themselves or through another", () => {
    const given = delegation("dora", "guest", "data");
    const other = delegation("dora", "dana", "data");
    const own = signOff("dora", ["data"], 2, { stage: 1 });
    const why = (change: Partial<typeof approval>) =>
      refusal(inPlace(given, 5, { stage: 1 }), { delegations: [given, other], ...change })?.why;
    expect(why({})).toBeUndefined();
    expect(why({ signOffs: [clara, own] })).toBe(
      "guest signed in the place of dora, who has decided; there is one seat for the two of them.",
    );
    expect(why({ signOffs: [clara, inPlace(other, 2, { stage: 1 })] })).toBe(
      "guest signed in the place of somebody for whom another has signed; there is one seat for the two of them.",
    );
    expect(why({ signOffs: [clara, inPlace(other, 2, { stage: 1, result: "withdraw" })] })).toBeUndefined();
    expect(why({ signOffs: [clara, inPlace(given, 2, { stage: 1 })] })).toBeUndefined();
    const earlier = inPlace(other, 1);
    const seat = { settled: [settled(0, ["compliance", earlier])], signOffs: [earlier] };
    expect(why(seat)).toBe(
      "guest signed in the place of somebody who already fills the seat 'Compliance officer' in the stage 'compliance'; there is one seat for the two of them.",
    );
    expect(refusal(attempt("dora", ["data"]), { ...seat, delegations: [other] })?.why).toBe(
      "dora already fills the seat 'Compliance officer' in the stage 'compliance'; a person fills one seat at most.",
    );
  });

  it("is taken again from whoever fills a seat of the same stage", () => {
    const dora = signOff("dora", ["data"], 2, { stage: 1 });
    const again = [settled(0, ["compliance", clara]), settled(1, ["data", dora])];
    expect(refusal(attempt("dora", ["data"]), { settled: again, signOffs: [clara, dora] })).toBeUndefined();
  });

  it("says of each role that is named why it is not held", () => {
    expect(refusal(attempt("guest", ["data", "sre"], { groups: [] }))?.why).toBe(
      "guest was not signed in with the role 'Lead data scientist', was not signed in with the role 'SRE'.",
    );
  });

  it("is refused while nothing is open", () => {
    const refused = refuseSignOff({
      approval: { ...approval, openStage: undefined },
      openStage: undefined,
      attempt: attempt("dora", ["data"]),
    });
    expect(refused).toEqual({ code: "stage-not-open", why: "The stage 'operations' is not open.", whoElse: [] });
  });

  it("is refused before the minimum review time, and taken at it", () => {
    const early = { ...operations, openedAt: "2026-11-23T11:00:00.001Z" as Instant };
    expect(refusal(attempt("dora", ["data"]), {}, early)).toEqual({
      code: "too-early",
      why: "The stage 'operations' takes approvals from 2026-11-23T12:00:00.001Z on, so that there is time to review; a rejection is taken at once.",
      whoElse: [],
    });
  });

  it("is refused where it was signed before that time, however late it is sent", () => {
    const over = { ...operations, openedAt: "2026-11-23T10:30:00.000Z" as Instant };
    const signed = (signedBy: string) => ({ ...attempt("dora", ["data"]), signedBy: signedBy as Instant });
    expect(refusal(signed("2026-11-23T11:29:59.999Z"), {}, over)?.code).toBe("too-early");
    expect(refusal(signed("2026-11-23T11:30:00.000Z"), {}, over)).toBeUndefined();
  });
});
