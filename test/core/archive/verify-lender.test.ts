import { describe, expect, it } from "vitest";
import type { PromotionRecord, ReadDocument } from "../../../core/archive/promotion-file.ts";
import { verifyLender } from "../../../core/archive/verify-lender.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { refused } from "../refusal.ts";
import { member } from "./reviewers.ts";
import { recordsOf, reviewOf, told, trustIn } from "./told.ts";

const { steps, lenders } = await reviewOf(told.lent);
const { trust } = await trustIn({});
const { facts, blobs } = told.house;
const read: ReadDocument = async (sha256) => blobs.get(sha256);
const [asked, confirmed] = recordsOf(facts).filter(
  ({ record }) => record.type === "loan-requested" && record.promotion === told.lent,
);
if (asked === undefined || confirmed === undefined) throw new Error("Two people lent.");
const verify = (each: PromotionRecord, over: Partial<typeof trust> = {}, from = read, leftOut = false) =>
  verifyLender(each, steps, from, { ...trust, ...over }, leftOut);
const saying = (each: PromotionRecord, body: object): PromotionRecord => ({
  ...each,
  record: { ...each.record, body: { ...each.record.body, ...body } },
});
const bringing = (each: PromotionRecord, name: string, bytes: Uint8Array | undefined): ReadDocument => {
  const wanted = each.record.attachments.find((attachment) => attachment.name === name)?.sha256;
  return async (sha256) => (sha256 === wanted ? bytes : blobs.get(sha256));
};

describe("a lender's signature", () => {
  it("is as it was signed, with the person as the token names them", async () => {
    const { signature, member: person } = await verify(asked);
    expect(signature).toMatchObject({
      promotion: told.lent,
      review: 1,
      terms: { seconds: 3600, incident: "https://incidents.example/417" },
      role: "incident-commander",
      reviewerName: "Ida",
      recordedAt: asked.record.at,
    });
    expect(signature).not.toHaveProperty("confirms");
    expect(signature).not.toHaveProperty("passkey");
    expect(person).toEqual({ ...member("Ida", "incident-commanders"), address: "ida@example.org" });
    expect((await verify(confirmed)).signature.confirms).toBe(signature.id);
    expect(lenders.map(({ signature: { id } }) => id)).toEqual([signature.id, confirmed.record.body["signature"]]);
  });

  it("holds without its token too, and then nobody's name and address are known", async () => {
    const from = bringing(asked, "id-token.jwt", undefined);
    const { signature, member: person } = await verify(asked, {}, from, true);
    expect([signature.reviewerName, person.address]).toEqual(["sub-ida", ""]);
    for (const body of [{ seconds: 60 }, { role: "sre" }, { lender: { issuer: "i", subject: "sub-olaf" } }])
      expect((await refused(verify(saying(asked, body), {}, from, true))).code).not.toBe("internal");
  });

  it.each<[string, object]>([
    ["time", { seconds: 7200 }],
    ["incident", { incident: "https://incidents.example/other" }],
    ["role", { role: "sre" }],
    ["reason", { reason: "None." }],
    ["confirmation", { confirms: "0".repeat(64) }],
  ])("is not recorded with another %s than was signed", async (_, body) => {
    for (const leftOut of [false, true])
      expect((await refused(verify(saying(asked, body), {}, read, leftOut))).sentence).toMatch(
        /stored as another loan than the one signed/,
      );
  });

  it("is recorded under its own id, in its own promotion and review", async () => {
    const sentence = "It is recorded under another id than its own.";
    expect(await refused(verify(saying(asked, { signature: "0".repeat(64) })))).toEqual({
      code: "statement-mismatch",
      sentence,
    });
    const elsewhere = { ...asked, record: { ...asked.record, promotion: told.ratified } };
    expect((await refused(verify(elsewhere))).sentence).toBe(sentence);
    expect((await refused(verify(saying(asked, { review: 2 })))).sentence).toBe(
      "It names review 2 and stage 0, which the promotion never had.",
    );
  });

  it("needs its documents", async () => {
    for (const name of ["loan.dsse.json", "id-token.jwt", "jwks.json"])
      expect(await refused(verify(asked, {}, bringing(asked, name, undefined)))).toEqual({
        code: "pack-invalid",
        sentence: `Its ${name} is not in the pack.`,
      });
    expect((await refused(verify(asked, {}, bringing(asked, "jwks.json", utf8("{}"))))).sentence).toBe(
      "The identity provider's keys are not a JSON Web Key Set.",
    );
  });

  it("is verified by keys that count", async () => {
    for (const leftOut of [false, true])
      expect((await refused(verify(asked, { verifySignature: () => false }, read, leftOut))).code).toBe(
        "signature-invalid",
      );
    expect((await refused(verify(asked, { jwks: { keys: [] } }))).code).toBe("signature-invalid");
    const keyHistory = trust.keyHistory.map((key) => ({ ...key, until: asked.record.at }));
    expect((await refused(verify(asked, { keyHistory }))).sentence).toMatch(/which was retired at/);
  });

  it("with a passkey brings what the passkey signed", async () => {
    const [id] = trust.passkeys.keys();
    const used = saying(asked, { passkey: { id: id ?? "", counter: 1 } });
    expect(await refused(verify(used))).toEqual({
      code: "pack-invalid",
      sentence: `The record '${asked.record.id}' names no passkey.json.`,
    });
  });
});
