import { describe, expect, it } from "vitest";
import type { RecordedSignOff } from "../../../core/attestation/recorded-sign-off.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { SignOff, SignOffResult } from "../../../core/promotion/sign-off.ts";
import { requireAfterEarlier } from "../../../functions/api/record-sign-off/earlier-decisions.ts";
import { givenSignOff } from "../../core/attestation/given-sign-off.ts";
import { cora, now, promotionInReview, sam } from "../../core/promotion/promotion-in-review.ts";
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
});
