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
  requireKeptInReview,
  requireKeptOnce,
  whyKeptFalls,
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
  whyKeptFalls(recorded, { promotion, requirements }, ports(over, kept));

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

  it("falls under a key that was replaced since, whatever else signed it", async () => {
    const why = "signed under a key that was replaced since";
    const { key } = attestationKey();
    expect(await check({ verifyingKey: async () => key })).toBe(why);
    const unsigned = { ...byCora, envelope: { ...byCora.envelope, signatures: [] } };
    expect(await check({}, newer, unsigned)).toBe(why);
  });

  it("is held against when this one took the other's place, or was submitted where nothing says so", async () => {
    expect(await check()).toBeUndefined();
    const late = { ...newer, submittedAt: addSeconds(now, 60) };
    const why = "signed for an earlier candidate, longer ago than 1m";
    expect(await check({}, late)).toBe(why);
    const fact = { promotion: newer.id, summary: "", body: {}, attachments: [] };
    const took: readonly Fact[] = [
      { ...fact, id: `${newer.id}/0`, type: "gates", at: addSeconds(now, 60) },
      { ...fact, id: `${newer.id}/1`, type: "supersedes", at: addSeconds(now, 59) },
      { ...fact, id: `${newer.id}/2`, type: "gates", at: addSeconds(now, 62) },
    ];
    expect(await check({}, { ...late, history: took })).toBeUndefined();
    const tooLate = took.map((each) => ({ ...each, at: addSeconds(each.at, 1) }));
    expect(await check({}, { ...newer, history: tooLate })).toBe(why);
  });

  it("is judged in the roles in which it is itself kept, and in none of another's", async () => {
    const other = { ...carried, signOff: { ...byCora.signOff, id: digestOf("another's") }, roles: ["sre"] };
    expect(await check({}, { ...newer, carried: [other, carried] })).toBeUndefined();
    const unsigned = { ...carried, roles: ["sre"] };
    expect((await refused(check({}, { ...newer, carried: [unsigned] }))).sentence).toBe(
      "A sign-off was kept that falls: Cora did not sign in that role.",
    );
  });

  it("falls where it counts in another stage than it was given in", async () => {
    expect(await check({}, { ...newer, carried: [{ ...carried, stage: 1 }] })).toBe("signed for another stage");
  });
});

describe("what was signed in an earlier review", () => {
  const gates = (number: number, judgedBy = before.sha256, beside: Fact["attachments"] = []): Fact => ({
    ...{ id: `${older.id}/${number}`, type: "gates", at: now, promotion: older.id, summary: "", body: {} },
    attachments: [
      ...["gate-report.json", "evidence-summary.json"].map((name) => ({
        ...{ name, mediaType: "application/json", sha256: digestOf(`${name} of ${number}`) },
      })),
      { name: "requirements.json", mediaType: "application/json", sha256: judgedBy },
      ...beside,
    ],
  });
  const sentBack: Fact = { ...gates(1), type: "seat-reopened", body: { from: before.sha256 }, attachments: [] };
  const again = promotionInReview({
    review: 2,
    history: [gates(0), sentBack, gates(2)],
    carried: [{ ...carried, review: 2 }],
  });
  const askedAgain = requirementsNow(keeping, again).document;
  const otherGates = { ...keeping, gatePolicy: () => ({ wasm: digestOf("other.wasm"), thresholds: { auc: 0.7 } }) };
  const compared = (text: string) => [
    { name: "serving-now.json", mediaType: "application/json", sha256: digestOf(text) },
  ];
  const inReview = (promotion: Promotion, asked = askedAgain, over: Partial<KeptSignOffsPorts> = {}) =>
    requireKeptInReview(byCora, { promotion, requirements: asked }, ports(over));

  it("is verified from its raw bytes, by what that review was judged by, and stands where nothing has changed", async () => {
    const asked: unknown[] = [];
    await inReview(again, askedAgain, { requireSignOff: async (...given) => void asked.push(given) });
    const given = {
      ...again,
      ...{ review: 1, requirements: { sha256: before.sha256 } },
      gates: {
        ...{ outcome: "passed", report: digestOf("gate-report.json of 0") },
        summary: digestOf("evidence-summary.json of 0"),
      },
    };
    expect(asked).toEqual([[byCora, given, before.document]]);
  });

  it("is kept in the stage that it was given in, and in no other", async () => {
    const elsewhere = { ...again, carried: [{ ...carried, stage: 1, review: 2 }] };
    expect((await refused(inReview(elsewhere))).sentence).toBe(
      "What Cora signed is kept in another stage than it was given in.",
    );
  });

  it("is none where its bytes are not hers", async () => {
    const forged = new Failure("signature-invalid", "Not hers.");
    await expect(inReview(again, askedAgain, { requireSignOff: () => Promise.reject(forged) })).rejects.toBe(forged);
  });

  it("is none under requirements that were swapped since", async () => {
    expect(await refused(inReview(again, askedAgain, { blobs: { get: async () => utf8("{}") } }))).toEqual({
      code: "digest-mismatch",
      sentence: "The requirements that a kept sign-off was given under are not what was signed.",
    });
  });

  it("falls where the gates are others now, whatever is said to be kept", async () => {
    const asked = requirementsNow(otherGates, again).document;
    expect(await refused(inReview(again, asked))).toEqual({
      code: "statement-mismatch",
      sentence: "A sign-off was kept that falls: Cora signed under other gates.",
    });
    // In no role that is kept, nothing of it counts.
    await inReview({ ...again, carried: [] }, asked);
  });

  it("falls where what it was compared with is something else now", async () => {
    const history = (then: Fact["attachments"], since: Fact["attachments"]) => [
      ...[gates(0, before.sha256, then), sentBack, gates(2, before.sha256, since)],
    ];
    await inReview({ ...again, history: history(compared("v1"), compared("v1")) });
    expect(await refused(inReview({ ...again, history: history(compared("v1"), compared("v2")) }))).toMatchObject({
      sentence: expect.stringMatching(
        /^A sign-off was kept that falls: Cora signed as 'Compliance officer', which judges what is compared with something else now: /,
      ),
    });
  });

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
