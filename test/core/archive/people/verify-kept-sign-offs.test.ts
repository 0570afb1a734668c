import { describe, expect, it } from "vitest";
import type { PromotionRecord, ReadDocument } from "../../../../core/archive/pack/promotion-file.ts";
import { saidToBeKept, verifyKeptSignOff } from "../../../../core/archive/people/verify-kept-sign-offs.ts";
import { base64, fromBase64 } from "../../../../core/encoding/base64.ts";
import { fromUtf8, utf8 } from "../../../../core/encoding/bytes.ts";
import { canonicalJsonBytes, type Json } from "../../../../core/encoding/canonical-json.ts";
import { addSeconds } from "../../../../core/encoding/instant.ts";
import type { Sha256 } from "../../../../core/encoding/sha256.ts";
import { refused } from "../../refusal.ts";
import { cora } from "../people.ts";
import { identityProvider } from "../reviewers.ts";
import { recordsOf, reviewOf, told, trustIn } from "../told.ts";
import { at, sayingIn, stepOf } from "../told-steps.ts";

/** Its key has the name of the one that signed. */
const another = identityProvider();

// Cora and Dana had signed for the candidate before; with another infrastructure what they signed is kept.

const { steps } = await reviewOf(told.kept);
const { trust } = await trustIn({});
const { facts, blobs } = told.house;
const read: ReadDocument = async (sha256) => blobs.get(sha256);
const step = stepOf(steps, "supersedes");
const [kept] = recordsOf(facts).filter(
  ({ record }) => record.type === "sign-off-kept" && record.promotion === told.kept,
);
if (kept === undefined) throw new Error("Nothing was kept.");
const id = kept.record.body["signOff"] as Sha256;
const verify = (
  each: PromotionRecord = kept,
  to = step,
  over: Partial<typeof trust> = {},
  from = read,
  leftOut = false,
  verdicts: readonly (typeof step)[] = [],
) => verifyKeptSignOff(each, { step: to, verdicts }, from, { ...trust, ...over }, leftOut);
const saying = (body: object): PromotionRecord => ({
  ...kept,
  record: { ...kept.record, body: { ...kept.record.body, ...body } },
});
const digestOf = (name: string) => kept.record.attachments.find((each) => each.name === name)?.sha256;
const bringing = (name: string, bytes: Uint8Array | undefined): ReadDocument => {
  const wanted = digestOf(name);
  return async (sha256) => (sha256 === wanted ? bytes : blobs.get(sha256));
};
const digestOfNothing = "0".repeat(64);
const bytesOf = (name: string) => blobs.get(digestOf(name) ?? id) ?? utf8("");
const otherwise = {
  code: "statement-mismatch",
  sentence: "It is kept otherwise than the promotion's own record says.",
};

/** Of its quorum, each of which rests on what is kept. */
const verdicts = steps.filter(({ record }) => record.type === "verdict" && record.body["result"] === "PASSED");

describe("a sign-off that is kept from an earlier candidate", () => {
  it("counts in the newer one's stage, review and roles, as it was given", async () => {
    const { signOff, kept: isKept, member } = await verify();
    expect(isKept).toBe(true);
    expect(signOff).toMatchObject({
      id,
      promotion: kept.record.body["from"],
      result: "approve",
      stage: 0,
      review: 1,
      roles: ["compliance-officer"],
      reviewerName: "Cora",
      recordedAt: kept.record.body["recordedAt"],
    });
    expect(member).toEqual(cora);
    expect((await verify(kept, step, {}, bringing("id-token.jwt", undefined), true)).member.address).toBe("");
  });

  it("is said to be kept by the promotion itself, once each", () => {
    const said = saidToBeKept(steps);
    expect([...said.keys()]).toHaveLength(2);
    expect(said.get(id)?.step).toBe(step);
    expect(said.get(id)?.verdicts).toEqual(verdicts);
    expect(saidToBeKept(steps.filter(({ record }) => record.type !== "supersedes")).size).toBe(0);
  });

  it.each<[string, object]>([
    ["stage", { kept: { stage: 1, roles: ["compliance-officer"], review: 1 } }],
    ["role", { kept: { stage: 0, roles: ["sre"], review: 1 } }],
    ["review", { kept: { stage: 0, roles: ["compliance-officer"], review: 2 } }],
    ["sign-off", { signOff: "0".repeat(64) }],
  ])("is kept as the promotion says: no other %s", async (_, body) => {
    expect(await refused(verify(saying(body)))).toEqual(otherwise);
  });

  it.each([
    ["the stage that it was given in, by its name", { stage: 1, review: 1 }],
    ["a stage that there is", { stage: 9, review: 1 }],
    ["the review that the promotion is in", { stage: 0, review: 2 }],
  ])("is kept in %s, also where both records say otherwise", async (_, place) => {
    const said = { ...place, roles: ["compliance-officer"] };
    const [to] = sayingIn([step], "supersedes", { kept: [{ signOff: id, ...said }] });
    const each = saying({ kept: said });
    const own = { ...each, record: { ...each.record, id: `${told.kept}/sign-off-kept/${place.review}/${id}` } };
    expect(await refused(verify(own, to))).toEqual({
      code: "statement-mismatch",
      sentence: "It is kept in another stage or for another review than it may be.",
    });
  });

  it("has an id of its own", async () => {
    const other = { ...kept, record: { ...kept.record, id: `${told.kept}/sign-off-kept/1/other` } };
    expect(await refused(verify(other))).toEqual(otherwise);
  });

  it("was given for the candidate and the stage that its record names", async () => {
    const sentence = "It was given for another candidate or stage than its record names.";
    expect((await refused(verify(saying({ from: told.lent })))).sentence).toBe(sentence);
    expect((await refused(verify(saying({ stage: 9 })))).sentence).toBe(sentence);
  });

  it("is kept from the last whose place was taken", async () => {
    const { promotions } = step.record.body as { readonly promotions: readonly Json[] };
    const another = { id: told.lent, freezeDigest: digestOfNothing };
    const sentence = "It is kept from another candidate than the last whose place was taken.";
    const taking = (...those: readonly Json[]) => {
      const [to] = sayingIn([step], "supersedes", { promotions: those });
      return verify(kept, to);
    };
    await expect(taking(another, ...promotions)).resolves.toMatchObject({ kept: true });
    for (const those of [[...promotions, another], []])
      expect(await refused(taking(...those))).toEqual({ code: "statement-mismatch", sentence });
  });

  it("needs its documents", async () => {
    for (const name of [
      "original-freeze.json",
      "original-requirements.json",
      "sign-off.dsse.json",
      "id-token.jwt",
      "jwks.json",
    ])
      expect(await refused(verify(kept, step, {}, bringing(name, undefined)))).toEqual({
        code: "pack-invalid",
        sentence: `Its ${name} is not in the pack.`,
      });
  });

  it("says what the reviewer was shown", async () => {
    const envelope = JSON.parse(fromUtf8(bytesOf("sign-off.dsse.json")));
    const statement = JSON.parse(fromUtf8(fromBase64(envelope.payload)));
    const sentence = "Its statement does not say what the reviewer was shown.";
    const telling = (payload: unknown) =>
      refused(
        verify(
          kept,
          step,
          { verifySignature: () => true },
          bringing(
            "sign-off.dsse.json",
            canonicalJsonBytes({ ...envelope, payload: base64(canonicalJsonBytes(payload as never)) }),
          ),
        ),
      );
    for (const shown of [null, {}, { sha256: 7 }, { sha256: "short" }])
      expect((await telling({ ...statement, predicate: { ...statement.predicate, shown } })).sentence).toBe(sentence);
    expect((await telling(null)).sentence).toBe(sentence);
    expect((await telling({})).sentence).toBe(sentence);
  });

  it("falls where what it judges is not the same, or it was given too long ago", async () => {
    const { carryOverSeconds = 0 } = step.requirements?.rule ?? {};
    const given = kept.record.body["recordedAt"] as typeof step.record.at;
    const late = stepOf(at([step], "supersedes", addSeconds(given, carryOverSeconds)), "supersedes");
    expect(carryOverSeconds).toBeGreaterThan(0);
    expect((await refused(verify(kept, late))).sentence).toBe(
      "It was kept although it falls: Cora signed for an earlier candidate, longer ago than 3d.",
    );
    const inTime = stepOf(at([step], "supersedes", addSeconds(given, carryOverSeconds - 1)), "supersedes");
    expect((await verify(kept, inTime)).kept).toBe(true);
    const { manifest } = step.after;
    const model = {
      ...step,
      after: { ...step.after, manifest: { ...manifest, model: { ...manifest.model, name: "other" } } },
    };
    expect((await refused(verify(kept, model))).sentence).toBe(
      "It was kept although it falls: Cora signed for another model or target.",
    );
    expect((await refused(verify(kept, { ...step, requirements: undefined }))).sentence).toBe(
      "Only an approval can be kept.",
    );
  });

  it("falls where a verdict rests on it under requirements of meanwhile, and not where none does", async () => {
    const [verdict] = verdicts;
    const { requirements } = verdict ?? {};
    if (verdict === undefined || requirements === undefined) expect.unreachable();
    const stages = requirements.rule.stages.map((each) => ({ ...each, name: `${each.name}, anew` }));
    const otherwise = { ...verdict, requirements: { ...requirements, rule: { ...requirements.rule, stages } } };
    const resting = (on: readonly (typeof step)[]) => verify(kept, step, {}, read, false, on);
    expect((await resting(verdicts)).kept).toBe(true);
    expect((await refused(resting([...verdicts, otherwise]))).sentence).toBe(
      "It was kept although it falls: Cora signed for a stage that is asked for otherwise now.",
    );
  });

  it("is kept in roles in which it was given alone", async () => {
    const roles = ["compliance-officer", "sre"];
    const place = { stage: 0, review: 1 };
    const [said] = sayingIn([step], "supersedes", { kept: [{ signOff: id, roles, ...place }] });
    expect((await refused(verify(saying({ kept: { roles, ...place } }), said))).sentence).toBe(
      "It was kept although it falls: Cora did not sign in that role.",
    );
  });

  it("is verified by keys that count", async () => {
    expect((await refused(verify(kept, step, { verifySignature: () => false }))).code).toBe("signature-invalid");
    expect((await refused(verify(kept, step, { jwks: another.jwks }))).code).toBe("signature-invalid");
  });
});
