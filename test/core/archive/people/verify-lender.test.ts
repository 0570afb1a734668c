import { describe, expect, it } from "vitest";
import type { PromotionRecord, ReadDocument } from "../../../../core/archive/pack/promotion-file.ts";
import { verifyLender } from "../../../../core/archive/people/verify-lender.ts";
import { fromUtf8, utf8 } from "../../../../core/encoding/bytes.ts";
import { sha256Hex } from "../../../../core/encoding/sha256.ts";
import type { Identity } from "../../../../core/promotion/identity.ts";
import { refused } from "../../refusal.ts";
import { credulous, withClaims } from "../forged.ts";
import { documentOf, factWith } from "../retelling.ts";
import { identityProvider, member } from "../reviewers.ts";
import { recordsOf, reviewOf, told, trustIn } from "../told.ts";

/** Its key has the name of the one that signed. */
const another = identityProvider();

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

  it("names the person by their subject, and no address, where the token tells neither", async () => {
    const token = documentOf(told.house, asked.record, "id-token.jwt");
    const named = async (claims: object) => {
      const { signature, member: person } = await verify(
        asked,
        credulous,
        bringing(asked, "id-token.jwt", withClaims(token, claims)),
      );
      return [signature.reviewerName, person.name, person.address];
    };
    expect(await named({ name: "Ida B.", email: "i@example.net" })).toEqual(["Ida B.", "Ida B.", "i@example.net"]);
    for (const claims of [
      { name: "", email: 7 },
      { name: 7, email: undefined },
      { name: undefined, email: null },
    ])
      expect(await named(claims)).toEqual(["sub-ida", "sub-ida", ""]);
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
      "It names a stage of review 2 that the promotion never had.",
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
    expect((await refused(verify(asked, { jwks: another.jwks }))).code).toBe("signature-invalid");
    const keyHistory = trust.keyHistory.map((key) => ({ ...key, until: asked.record.at }));
    expect((await refused(verify(asked, { keyHistory }))).sentence).toMatch(/which was retired at/);
  });

  it("is verified by the identity provider's keys as they are known, where they are, and by its own otherwise", async () => {
    const jwks = JSON.parse(fromUtf8(documentOf(told.house, asked.record, "jwks.json")));
    expect((await verify(asked, { jwks }, bringing(asked, "jwks.json", utf8("{}")))).signature.role).toBe(
      "incident-commander",
    );
  });

  it("is not of a key that was published only later", async () => {
    const published = (index: number) =>
      verify(asked, { keyHistory: trust.keyHistory.map((key) => ({ ...key, generation: 2, index })) });
    expect((await published(asked.index - 1)).signature.role).toBe("incident-commander");
    expect((await refused(published(asked.index))).sentence).toMatch(/which was not published yet/);
  });

  it("brings documents that are what their names say", async () => {
    for (const name of ["loan.dsse.json", "jwks.json"])
      expect((await refused(verify(asked, {}, bringing(asked, name, utf8("no"))))).sentence).toMatch(
        new RegExp(`^${name} is not JSON that can be taken`),
      );
  });

  it("with a passkey brings what the passkey signed", async () => {
    const [id] = trust.passkeys.keys();
    const used = saying(asked, { passkey: { id: id ?? "", counter: 1 } });
    expect(await refused(verify(used))).toEqual({
      code: "pack-invalid",
      sentence: `The record '${asked.record.id}' names no passkey.json.`,
    });
  });

  describe("with a passkey", () => {
    const [id = "", passkey] = [...trust.passkeys].find(([, { revoked }]) => revoked === undefined) ?? [];
    const answer = documentOf(told.house, factWith(told.house, "sign-off", "passkey.json"), "passkey.json");
    const used = saying(asked, { passkey: { id, counter: 3 } });
    const withAnswer: PromotionRecord = {
      ...used,
      record: {
        ...used.record,
        attachments: [
          ...used.record.attachments,
          { name: "passkey.json", mediaType: "application/json", sha256: sha256Hex(answer) },
        ],
      },
    };
    const owned = (owner: Identity): Partial<typeof trust> =>
      passkey === undefined
        ? {}
        : {
            ...credulous,
            passkeys: new Map([[passkey.id, { ...passkey, description: { ...passkey.description, owner } }]]),
          };
    const lender = { issuer: "https://login.example/pool", subject: "sub-ida" };

    it("is by one of the lender's own, with its token or without", async () => {
      for (const leftOut of [false, true]) {
        expect(await refused(verify(withAnswer, owned({ ...lender, subject: "sub-sam" }), read, leftOut))).toEqual({
          code: "passkey-invalid",
          sentence: "The passkey that signed is somebody else's.",
        });
        expect(await refused(verify(withAnswer, { ...credulous, passkeys: new Map() }, read, leftOut))).toEqual({
          code: "passkey-invalid",
          sentence: "The passkey that signed was never enrolled.",
        });
      }
    });

    it("is over what was signed: another signature's answer is none", async () => {
      for (const leftOut of [false, true])
        expect((await refused(verify(withAnswer, owned(lender), read, leftOut))).sentence).toBe(
          "The passkey's answer cannot be used: it was made for another decision.",
        );
    });
  });
});
