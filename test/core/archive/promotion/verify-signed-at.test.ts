import { describe, expect, it } from "vitest";
import type { PeopleThen } from "../../../../core/archive/people/people-then.ts";
import type { HeldSignOff } from "../../../../core/archive/people/verify-sign-offs.ts";
import {
  escalatedUntold,
  orderUntold,
  recheckOrder,
  restedUntold,
  signedTooEarly,
} from "../../../../core/archive/promotion/verify-signed-at.ts";
import { issuedAt } from "../../../../core/attestation/signed-at.ts";
import { fromUtf8 } from "../../../../core/encoding/bytes.ts";
import { addSeconds, type Instant } from "../../../../core/encoding/instant.ts";
import type { FactType } from "../../../../core/promotion/fact.ts";
import type { SignOff } from "../../../../core/promotion/sign-off.ts";
import { cora, sam } from "../people.ts";
import { told, trustIn } from "../told.ts";
import { lent } from "../told-loan.ts";
import { by, deployed } from "../told-review.ts";
import { stepOf } from "../told-steps.ts";

const { trust } = await trustIn({});
const first = stepOf(deployed.steps, "stage-opened");
const [cast = expect.unreachable("Nobody signed.")] = by(deployed.held, cora, {});
const { signedAt: _, ...unsigned } = cast;

/** Signed and recorded so many seconds after the stage was opened. */
const held = (signed: number, recorded = 0, over: Partial<SignOff> = {}): HeldSignOff => ({
  ...unsigned,
  signOff: { ...cast.signOff, recordedAt: addSeconds(first.record.at, recorded), ...over },
  signedAt: addSeconds(first.record.at, signed),
});

describe("when the identity provider signed a decision", () => {
  /** As its stage would have been open, with a minimum of so many seconds for review. */
  const opened = (minimumReviewSeconds: number) => {
    const { requirements, after } = first;
    if (requirements === undefined || after.stage === undefined) return expect.unreachable();
    const stages = requirements.rule.stages.map((each) => ({ ...each, minimumReviewSeconds }));
    return { ...first, requirements: { ...requirements, rule: { ...requirements.rule, stages } } };
  };
  const early = (each: HeldSignOff, minimum = 0) => signedTooEarly(each, opened(minimum), deployed.steps);

  it("is not before its stage was opened, give or take what clocks differ by", () => {
    expect(early(held(-65))).toBeUndefined();
    expect(early(held(-66))).toBe("A sign-off was signed before its stage was opened");
    expect(early(held(-66, 0, { result: "reject" }))).toBe("A sign-off was signed before its stage was opened");
  });

  it("is not before the time for review was over, where it approves", () => {
    const sentence = "A sign-off was signed before the 600 seconds that its stage takes for review";
    expect(early(held(534, 605), 600)).toBe(sentence);
    expect(early(held(535, 605), 600)).toBeUndefined();
    expect(early(held(534, 605, { result: "reject" }), 600)).toBeUndefined();
  });

  it("is not known where its token was left out", () => {
    expect(early(unsigned, 600)).toBeUndefined();
  });
});

describe("a person's latest decision", () => {
  const [approval, rejection] = [held(10, 20), held(40, 50, { result: "reject" })];
  const told = `A sign-off counts as its reviewer's latest, and had been signed before another one, 'reject' (${cast.signOff.id})`;
  const afterwards = (recorded: number, over: Partial<SignOff> = {}) => held(10, recorded, over);

  it("is what was signed last", () => {
    expect([recheckOrder([approval, rejection]), orderUntold([approval, rejection])]).toEqual([[], []]);
  });

  it("is not what was signed before another one, and recorded after it", () => {
    expect(recheckOrder([afterwards(111), rejection])).toEqual([`${told}.`]);
    expect(recheckOrder([rejection, afterwards(111, { result: "withdraw" })])).toEqual([`${told}.`]);
    expect(orderUntold([afterwards(111), rejection])).toEqual([]);
  });

  it("is held against every other one, in whatever order the log has them", () => {
    const withdrawal = held(60, 110, { result: "withdraw" });
    const late = afterwards(120);
    for (const all of [
      [withdrawal, rejection, late],
      [late, rejection, withdrawal],
    ])
      expect([recheckOrder(all), orderUntold(all)]).toEqual([[`${told}.`], []]);
  });

  describe("with another account of theirs", () => {
    const identity = { ...cora.identity, subject: "sub-cora-2" };
    const as = (address: string, over = identity): HeldSignOff => {
      const late = afterwards(111, { reviewer: over });
      return { ...late, member: { ...late.member, identity: over, address } };
    };
    const untold = [{ promotion: cast.signOff.promotion, sentence: `Which of two decisions was meant: ${told}.` }];
    const linked: PeopleThen = {
      members: [],
      objectors: [],
      people: [{ name: "Cora", addresses: [], accounts: [], identities: [cora.identity, identity], outside: false }],
      entitlement: "as-signed",
      delegations: [],
    };

    it("of the same address is found", () => {
      const both = [as(` ${cora.address.toUpperCase()}`), rejection];
      expect([recheckOrder(both), orderUntold(both, [linked])]).toEqual([[`${told}.`], []]);
    });

    it("that people.yaml alone links is said", () => {
      const both = [as("cora@elsewhere.example"), rejection];
      expect([recheckOrder(both), orderUntold(both)]).toEqual([[], []]);
      expect([recheckOrder(both), orderUntold(both, [linked])]).toEqual([[], untold]);
    });

    it("at another provider, whose clock is another, is not held against it", () => {
      const both = [as(cora.address, { issuer: "https://login.other.example", subject: "cora" }), rejection];
      expect([recheckOrder(both), orderUntold(both, [linked])]).toEqual([[], []]);
    });
  });

  it("is not told by two that came at once", () => {
    const both = [afterwards(110), rejection];
    expect(recheckOrder(both)).toEqual([]);
    expect(orderUntold(both)).toEqual([
      { promotion: cast.signOff.promotion, sentence: `Which of two decisions was meant: ${told}.` },
    ]);
  });

  it.each<[string, readonly HeldSignOff[]]>([
    ["a rejection, which is taken whenever it comes", [held(40, 50), afterwards(200, { result: "reject" })]],
    ["another person's", [afterwards(200, { reviewer: sam.identity }), rejection]],
    ["that of another stage", [afterwards(200, { stage: 1 }), rejection]],
    ["that of another review", [afterwards(200, { review: 2 }), rejection]],
    ["one that was kept of another candidate", [{ ...afterwards(200), kept: true }, rejection]],
    ["signed in the same second", [held(40, 200), rejection]],
    ["one whose token was left out", [{ ...unsigned, signOff: afterwards(200).signOff }, rejection]],
  ])("may be %s", (_, both) => {
    expect([recheckOrder(both), orderUntold(both)]).toEqual([[], []]);
  });
});

describe("what an approval or a lender's signature rests on", () => {
  const hours = (number: number) => addSeconds(first.record.at, number * 3600);
  const [bySam = expect.unreachable()] = deployed.held.filter(({ signOff }) => signOff.passkey !== undefined);
  const [inPlace = expect.unreachable()] = deployed.held.filter(({ signOff }) => signOff.onBehalfOf !== undefined);
  const said = (each: HeldSignOff, signedAt: Instant) => restedUntold([{ ...each, signedAt }], [], trust);
  const tokenOf = (type: FactType) => {
    const fact = told.house.facts.find((each) => each.type === type) ?? expect.unreachable(type);
    const token = fact.attachments.find(({ name }) => name === "id-token.jwt")?.sha256;
    return issuedAt(fromUtf8((token === undefined ? undefined : told.house.blobs.get(token)) ?? new Uint8Array()));
  };

  it("counted as it was signed, by the identity provider as well", () => {
    expect(restedUntold(deployed.held, deployed.lenders, trust)).toEqual([]);
    expect(restedUntold([{ ...bySam, kept: true, signedAt: hours(-9) }], [], trust)).toEqual([]);
    const { signedAt: _, ...leftOut } = bySam;
    expect(restedUntold([leftOut], [], trust)).toEqual([]);
    const rejection = { ...bySam, signOff: { ...bySam.signOff, result: "reject" } as const };
    expect(said(rejection, hours(-9))).toEqual([]);
  });

  it("is said where the provider tells it the other way round than the records, by more than a minute", () => {
    const confirmed = tokenOf("passkey-confirmed");
    expect(said(bySam, addSeconds(confirmed, -60))).toEqual([]);
    const early = addSeconds(confirmed, -61);
    expect(said(bySam, early)).toEqual([
      {
        promotion: bySam.signOff.promotion,
        sentence: `Whether the sign-off ${bySam.signOff.id} counted: by the identity provider it was signed at ${early}, and its passkey was confirmed at ${confirmed}; by the records it was the other way round.`,
      },
    ]);
    const decided = deployed.steps.findLast(({ record }) => record.type === "stage-decided") ?? expect.unreachable();
    const { requirements = expect.unreachable() } = decided;
    const rule = { ...requirements.rule, escalation: { afterSeconds: 3600, to: "head-of-risk" } };
    const steps = [{ ...decided, requirements: { ...requirements, rule } }];
    const opened = decided.after.history.findLast(({ type }) => type === "stage-opened")?.at ?? expect.unreachable();
    const escalated = (seconds: number, roles: readonly string[]) => {
      const signOff = { ...bySam.signOff, roles };
      return escalatedUntold([{ ...bySam, signOff, signedAt: addSeconds(opened, seconds) }], steps);
    };
    expect([escalated(3540, ["head-of-risk"]), escalated(3539, bySam.signOff.roles)]).toEqual([[], []]);
    expect(escalated(3539, ["head-of-risk"])).toEqual([
      {
        promotion: bySam.signOff.promotion,
        sentence: expect.stringContaining(`and its stage was escalated at ${addSeconds(opened, 3600)}.`),
      },
    ]);
    const sentences = (at: Instant) => said(inPlace, at).map(({ sentence }) => sentence);
    const [given, revoked] = [tokenOf("delegated"), tokenOf("delegation-revoked")];
    expect(sentences(addSeconds(given, -61))).toEqual([
      expect.stringContaining(`its delegation was given at ${given};`),
    ]);
    expect(sentences(addSeconds(revoked, 60))).toEqual([]);
    expect(sentences(addSeconds(revoked, 61))).toEqual([
      expect.stringContaining(`its delegation was revoked at ${revoked};`),
    ]);
  });

  it("is said of what lenders signed as well, whatever they confirm", () => {
    const confirmed = tokenOf("passkey-confirmed");
    const { passkey = expect.unreachable() } = bySam.signOff;
    const [lender = expect.unreachable()] = lent.lenders;
    const { signedAt: _, ...leftOut } = lender;
    const signature = { ...lender.signature, passkey };
    const saidOf = (seconds: number) =>
      restedUntold([], [{ ...leftOut, signature, signedAt: addSeconds(confirmed, seconds) }], trust);
    expect([saidOf(-60), restedUntold([], [{ ...leftOut, signature }], trust)]).toEqual([[], []]);
    expect(saidOf(-61)).toEqual([
      {
        promotion: signature.promotion,
        sentence: `Whether the lender's signature ${signature.id} counted: by the identity provider it was signed at ${addSeconds(confirmed, -61)}, and its passkey was confirmed at ${confirmed}; by the records it was the other way round.`,
      },
    ]);
  });
});
