import { describe, expect, it } from "vitest";
import type { RecordedSignOff } from "../../../core/attestation/recorded-sign-off.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { SignOff, SignOffResult } from "../../../core/promotion/sign-off.ts";
import { decisionsOf, requireAfterEarlier } from "../../../functions/api/record-sign-off/earlier-decisions.ts";
import { givenSignOff } from "../../core/attestation/given-sign-off.ts";
import { cora, digestOf, id, now, promotionInReview, sam } from "../../core/promotion/promotion-in-review.ts";
import { codeOf } from "../../core/refusal.ts";
import { byCora } from "./reading-scene.ts";

const promotion = promotionInReview();
const [bySam, byAnother] = await Promise.all([
  givenSignOff(promotion, sam),
  givenSignOff(promotion, { ...sam, address: cora.address }),
]);
const nobody = { members: [], people: [] };
const next = (result: SignOffResult, over: Partial<SignOff> = {}) => ({
  signOff: { ...byCora.signOff, result, ...over },
  idToken: byCora.idToken,
});

/** What was decided so often, the last of it thus. */
function decided(
  times: number,
  last: SignOffResult,
  over: Partial<SignOff> = {},
  by: RecordedSignOff = byCora,
): readonly RecordedSignOff[] {
  return Array.from({ length: times }, (_, at) => {
    const result = at === times - 1 ? last : "approve";
    return { ...by, signOff: { ...by.signOff, result, recordedAt: addSeconds(now, at), ...over } };
  }).toReversed();
}

describe("what somebody decides after much that they decided before", () => {
  it.each<[string, ReturnType<typeof next>, readonly RecordedSignOff[]]>([
    ["the twentieth time", next("approve"), decided(19, "withdraw")],
    ["the first time in another stage", next("approve", { stage: 1 }), decided(20, "withdraw")],
    ["the first time in another review", next("approve", { review: 2 }), decided(20, "withdraw")],
    ["after others decided as often", next("approve"), decided(20, "approve", {}, bySam)],
    ["a rejection, however often it was", next("reject"), decided(20, "approve")],
  ])("is taken: %s", (_, decision, recorded) => {
    expect(() => requireAfterEarlier(decision, recorded, nobody)).not.toThrow();
  });

  it.each<[SignOffResult, SignOffResult, string]>([
    ["approve", "withdraw", "; a rejection is taken all the same."],
    ["withdraw", "approve", "; a rejection is taken all the same."],
    ["reject", "reject", "of one person."],
    ["approve", "reject", "of one person."],
  ])("is not taken the twenty-first time: %s after %s", (result, last, ends) => {
    const refusal = codeOf(() => requireAfterEarlier(next(result), decided(20, last), nobody));
    expect(refusal.code).toBe("conflict");
    expect(refusal.sentence).toContain(`You have decided 20 times in this stage, and 20 times is what it takes`);
    expect(refusal.sentence.endsWith(ends)).toBe(true);
  });

  it("is counted by person, with whichever account", () => {
    const both = [...decided(12, "approve"), ...decided(8, "withdraw", {}, byAnother)];
    expect(codeOf(() => requireAfterEarlier(next("approve"), both, nobody)).sentence).toContain(
      "20 times in this stage",
    );
    expect(() => requireAfterEarlier(next("approve"), both.slice(1), nobody)).not.toThrow();
    expect(() => requireAfterEarlier(next("reject"), both, nobody)).not.toThrow();
    const entry = { name: "", addresses: [], accounts: [], identities: [cora.identity, sam.identity], outside: false };
    const linked = [...decided(12, "approve"), ...decided(8, "approve", {}, bySam)];
    expect(() => requireAfterEarlier(next("approve"), linked, nobody)).not.toThrow();
    expect(codeOf(() => requireAfterEarlier(next("approve"), linked, { ...nobody, people: [entry] })).code).toBe(
      "conflict",
    );
  });

  it("is held against what was decided last, in whichever order it was read", () => {
    for (const recorded of [decided(20, "reject"), decided(20, "reject").toReversed()])
      expect(codeOf(() => requireAfterEarlier(next("reject"), recorded, nobody)).code).toBe("conflict");
    for (const recorded of [decided(20, "approve"), decided(20, "approve").toReversed()])
      expect(() => requireAfterEarlier(next("reject"), recorded, nobody)).not.toThrow();
  });

  it("is counted with what is about to be recorded, and nothing twice", () => {
    const others = [{ id: digestOf("another"), by: cora.identity, at: now }];
    const refusal = codeOf(() => requireAfterEarlier(next("approve"), decided(19, "approve"), { ...nobody, others }));
    expect(refusal.sentence).toContain("You have decided 20 times in this stage");
    const recordedSince = [{ id: byCora.signOff.id, by: cora.identity, at: now }];
    const known = { ...nobody, others: recordedSince };
    expect(() => requireAfterEarlier(next("approve"), decided(19, "approve"), known)).not.toThrow();
    expect(() => requireAfterEarlier(next("approve"), decided(18, "approve"), { ...nobody, others })).not.toThrow();
    // A rejection is taken also where nothing of theirs is recorded yet.
    const twenty = Array.from({ length: 20 }, (_, at) => ({ id: digestOf(`${at}`), by: cora.identity, at: now }));
    expect(() => requireAfterEarlier(next("reject"), [], { ...nobody, others: twenty })).not.toThrow();
    expect(codeOf(() => requireAfterEarlier(next("approve"), [], { ...nobody, others: twenty })).code).toBe("conflict");
  });

  it("is held against the clock of its own provider alone", async () => {
    const elsewhere = { ...cora, identity: { issuer: "https://before.example", subject: "cora" } };
    const signed = await givenSignOff(promotion, elsewhere, { recordedAt: addSeconds(now, 60) });
    const signedHere = await givenSignOff(promotion, cora, { recordedAt: addSeconds(now, 60) });
    expect(() => requireAfterEarlier(next("approve"), [signed], nobody)).not.toThrow();
    expect(codeOf(() => requireAfterEarlier(next("approve"), [signedHere], nobody)).sentence).toBe(
      "You have signed another decision since: look at the page again, and decide anew.",
    );
  });
});

describe("what is counted together", () => {
  const of = (decision: ReturnType<typeof next>, recorded: readonly RecordedSignOff[] = []) =>
    decisionsOf(decision, recorded, nobody);

  it("is what one person decides in one stage of one review, with whichever account", () => {
    const own = of(next("approve"));
    expect(of(next("reject"))).toBe(own);
    const otherAccount = {
      signOff: { ...byCora.signOff, reviewer: byAnother.signOff.reviewer },
      idToken: byAnother.idToken,
    };
    expect(of(otherAccount, [byCora])).toBe(of(next("approve"), [byAnother]));
    const unlike = [
      next("approve", { stage: 1 }),
      next("approve", { review: 2 }),
      next("approve", { promotion: id.replace(/1$/, "2") as typeof id }),
      { signOff: bySam.signOff, idToken: bySam.idToken },
    ];
    expect(new Set([own, ...unlike.map((decision) => of(decision))]).size).toBe(unlike.length + 1);
    // Not what was decided in another stage tells who is whom.
    const before = { ...byAnother, signOff: { ...byAnother.signOff, stage: 1 } };
    expect(of(next("approve"), [before])).toBe(own);
  });
});
