import { describe, expect, it } from "vitest";
import { requirementsNow } from "../../../core/approval/promotion-approval.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { freezeDigest } from "../../../core/promotion/freeze-manifest.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import {
  type KeptSignOffsPorts,
  requireKept,
  requireKeptInReview,
  requireKeptOnce,
} from "../../../functions/steps/verify-sign-offs/kept-sign-offs.ts";
import { givenSignOff } from "../../core/attestation/given-sign-off.ts";
import { attestation, attestationKey } from "../../core/attestation/signing-keys.ts";
import { cora, digestOf, manifest, now, policy, promotionInReview } from "../../core/promotion/promotion-in-review.ts";
import { codeOf, refused } from "../../core/refusal.ts";
import { MemoryBlobs } from "../memory-blobs.ts";
import { MemoryPromotions } from "../memory-promotions.ts";

const keeping = {
  ...policy,
  matrix: { ...policy.matrix, rules: policy.matrix.rules.map((rule) => ({ ...rule, carryOverSeconds: 60 })) },
};
const before = requirementsNow(keeping, { manifest });
const older = promotionInReview({ status: "superseded", requirements: { sha256: before.sha256 } });
const byCora = await givenSignOff(older, cora);
const plan = { kind: "iac-plan", format: "plain", name: "plan.json", mediaType: "application/json", size: 1 } as const;
const next = { ...manifest, evidence: [...manifest.evidence, { ...plan, sha256: digestOf("more instances") }] };
const carried = { signOff: byCora.signOff, stage: 0, roles: ["compliance-officer"], review: 1 };
const newer = promotionInReview({
  id: promotionId(freezeDigest(next), 1),
  freezeDigest: freezeDigest(next),
  manifest: next,
  submittedAt: addSeconds(now, 59),
  carried: [carried],
});
const requirements = requirementsNow(keeping, { manifest: next }).document;

function ports(over: Partial<KeptSignOffsPorts> = {}, kept: Promotion = older): KeptSignOffsPorts {
  return {
    promotions: new MemoryPromotions([kept]),
    blobs: new MemoryBlobs([before.bytes]),
    requireSignOff: async () => {},
    verifyingKey: async () => attestation.key,
    ...over,
  };
}
const check = (over: Partial<KeptSignOffsPorts> = {}, promotion = newer, recorded = byCora, kept = older) =>
  requireKept(recorded, { promotion, requirements }, ports(over, kept));

describe("what was signed for an earlier candidate", () => {
  it("is verified from its raw bytes, by what it was given under", async () => {
    const asked: unknown[] = [];
    await check({ requireSignOff: async (...given) => void asked.push(given) });
    expect(asked).toEqual([[byCora, older, before.document]]);
    const forged = new Failure("signature-invalid", "Not hers.");
    const requireSignOff = async () => {
      throw forged;
    };
    await expect(check({ requireSignOff })).rejects.toBe(forged);
  });

  it("is none for a manifest that was changed since", async () => {
    const swapped = { ...older, manifest: next };
    expect(await refused(check({}, newer, byCora, swapped))).toEqual({
      code: "digest-mismatch",
      sentence: "The manifest that a kept sign-off was given for is not what was signed.",
    });
  });

  it("is none under requirements that were swapped since", async () => {
    expect(await refused(check({ blobs: { get: async () => utf8("{}") } }))).toEqual({
      code: "digest-mismatch",
      sentence: "The requirements that a kept sign-off was given under are not what was signed.",
    });
  });

  it("is none under a key that was replaced since, whatever else signed it", async () => {
    const replaced = {
      code: "signature-invalid",
      sentence: "A kept sign-off was recorded under a key that was replaced since.",
    };
    const { key } = attestationKey();
    expect(await refused(check({ verifyingKey: async () => key }))).toEqual(replaced);
    const unsigned = { ...byCora, envelope: { ...byCora.envelope, signatures: [] } };
    expect(await refused(check({}, newer, unsigned))).toEqual(replaced);
  });

  it("is held against when this one took the other's place, or was submitted where nothing says so", async () => {
    await check();
    const late = { ...newer, submittedAt: addSeconds(now, 60) };
    const why = expect.stringMatching(/^A sign-off was kept that falls: Cora .*longer ago than 1m\.$/);
    expect(await refused(check({}, late))).toEqual({ code: "statement-mismatch", sentence: why });
    const fact = { promotion: newer.id, summary: "", body: {}, attachments: [] };
    const took: readonly Fact[] = [
      { ...fact, id: `${newer.id}/0`, type: "gates", at: addSeconds(now, 60) },
      { ...fact, id: `${newer.id}/1`, type: "supersedes", at: addSeconds(now, 59) },
      { ...fact, id: `${newer.id}/2`, type: "gates", at: addSeconds(now, 62) },
    ];
    await check({}, { ...late, history: took });
    const tooLate = took.map((each) => ({ ...each, at: addSeconds(each.at, 1) }));
    expect(await refused(check({}, { ...newer, history: tooLate }))).toMatchObject({ sentence: why });
  });

  it("is judged in the roles in which it is itself kept, and in none of another's", async () => {
    const other = { ...carried, signOff: { ...byCora.signOff, id: digestOf("another's") }, roles: ["sre"] };
    await check({}, { ...newer, carried: [other, carried] });
    const unsigned = { ...carried, roles: ["sre"] };
    expect((await refused(check({}, { ...newer, carried: [unsigned] }))).sentence).toBe(
      "A sign-off was kept that falls: Cora did not sign in that role.",
    );
  });
});

describe("what was signed in an earlier review", () => {
  it("is none of a review that there never was", async () => {
    const refusal = await refused(requireKeptInReview(byCora, { promotion: newer, requirements }, ports()));
    expect(refusal).toEqual({
      code: "statement-mismatch",
      sentence: "A sign-off names review 1, which there never was.",
    });
  });
});

describe("sign-offs that are kept", () => {
  const own = { ...carried, signOff: { ...byCora.signOff, promotion: newer.id } };
  const again = { ...newer, review: 2 };
  const otherwise = "What Cora signed is not kept as sign-offs are: once, in a role, and for a later review.";

  it("were given for another candidate, or in an earlier review than the one that they are kept for", () => {
    expect(() => requireKeptOnce(newer)).not.toThrow();
    expect(() => requireKeptOnce(promotionInReview())).not.toThrow();
    expect(() => requireKeptOnce({ ...again, carried: [{ ...own, review: 2 }] })).not.toThrow();
    const two = { ...carried, signOff: { ...byCora.signOff, id: digestOf("another's") } };
    expect(() => requireKeptOnce({ ...newer, carried: [carried, two] })).not.toThrow();
  });

  it.each<[string, Promotion]>([
    ["in the review in which they are kept", { ...newer, carried: [own] }],
    ["in a later one than it", { ...again, carried: [{ ...own, signOff: { ...own.signOff, review: 3 }, review: 2 }] }],
    ["twice", { ...newer, carried: [carried, carried] }],
    ["in no role", { ...newer, carried: [{ ...carried, roles: [] }] }],
    ["for a review that is yet to come", { ...newer, carried: [{ ...carried, review: 2 }] }],
  ])("are not given %s", (_, promotion) => {
    const refusal = codeOf(() => requireKeptOnce(promotion));
    expect([refusal.code, refusal.sentence]).toEqual(["statement-mismatch", otherwise]);
  });
});
