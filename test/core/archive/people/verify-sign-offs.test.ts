import { describe, expect, it } from "vitest";
import type { PromotionRecord, ReadDocument } from "../../../../core/archive/pack/promotion-file.ts";
import { contextOf, memberOf, readJwks, verifySignOff } from "../../../../core/archive/people/verify-sign-offs.ts";
import { base64, fromBase64 } from "../../../../core/encoding/base64.ts";
import { fromUtf8, utf8 } from "../../../../core/encoding/bytes.ts";
import { canonicalJsonBytes } from "../../../../core/encoding/canonical-json.ts";
import { sha256Hex } from "../../../../core/encoding/sha256.ts";
import { codeOf, refused } from "../../refusal.ts";
import { credulous, withClaims } from "../forged.ts";
import { cora } from "../people.ts";
import { identityProvider } from "../reviewers.ts";
import { recordsOf, reviewOf, told, trustIn } from "../told.ts";

/** Its key has the name of the one that signed. */
const another = identityProvider();

const { steps, held } = await reviewOf(told.deployed);
const { trust } = await trustIn({});
const read: ReadDocument = async (sha256) => told.house.blobs.get(sha256);
const signOffs = recordsOf(told.house.facts).filter(
  ({ record }) => record.type === "sign-off" && record.promotion === told.deployed,
);
const [first, withPasskey, inPlace] = signOffs;
if (first === undefined || withPasskey === undefined || inPlace === undefined) throw new Error("Three people signed.");

const verify = (each: PromotionRecord, over: Partial<typeof trust> = {}, from = read, leftOut = false) =>
  verifySignOff(each, steps, from, { ...trust, ...over }, leftOut);
const saying = (each: PromotionRecord, body: object): PromotionRecord => ({
  ...each,
  record: { ...each.record, body: { ...each.record.body, ...body } },
});
/** With another document under a name. */
const bringing = (each: PromotionRecord, name: string, bytes: Uint8Array | undefined): ReadDocument => {
  const wanted = each.record.attachments.find((attachment) => attachment.name === name)?.sha256;
  return async (sha256) => (sha256 === wanted ? bytes : told.house.blobs.get(sha256));
};
const bytesOf = (each: PromotionRecord, name: string): Uint8Array => {
  const wanted = each.record.attachments.find((attachment) => attachment.name === name)?.sha256;
  return (wanted === undefined ? undefined : told.house.blobs.get(wanted)) ?? new Uint8Array();
};

describe("a sign-off that holds", () => {
  it("is as it was signed, with the person as the token names them", async () => {
    const { signOff, member, told: said, envelope } = await verify(first);
    expect(signOff).toMatchObject({
      promotion: told.deployed,
      review: 1,
      stage: 0,
      result: "approve",
      roles: ["compliance-officer"],
      reviewer: cora.identity,
      reviewerName: "Cora",
      groups: cora.groups,
      recordedAt: first.record.at,
    });
    expect(signOff).not.toHaveProperty("passkey");
    expect(signOff).not.toHaveProperty("onBehalfOf");
    expect(member).toEqual(cora);
    expect(said).toMatchObject({ name: "Cora", predicate: { result: "approve" } });
    expect(envelope).toBe(sha256Hex(bytesOf(first, "sign-off.dsse.json")));
    expect((await verify(withPasskey)).signOff.passkey).toMatchObject({ counter: 3 });
    expect((await verify(inPlace)).signOff.onBehalfOf?.person.subject).toBe("sub-dana");
    expect(held.map(({ signOff: { id } }) => id)).toEqual(signOffs.map(({ record }) => record.body["signOff"]));
  });

  it("holds without its token too, and then nobody's name and address are known", async () => {
    for (const each of signOffs) {
      const { signOff, member, told: said } = await verify(each, {}, bringing(each, "id-token.jwt", undefined), true);
      expect(signOff.reviewerName).toBe(signOff.reviewer.subject);
      expect(member).toMatchObject({ name: signOff.reviewer.subject, address: "", enabled: true });
      expect(said).not.toHaveProperty("name");
    }
  });

  it("names the person by their subject, and no address, where the token tells neither", async () => {
    const named = async (claims: object) => {
      const token = withClaims(bytesOf(first, "id-token.jwt"), claims);
      const { signOff, member, told: said } = await verify(first, credulous, bringing(first, "id-token.jwt", token));
      return { names: [signOff.reviewerName, member.name, member.address], said };
    };
    const known = await named({ name: "Cora K.", email: "c@example.net" });
    expect(known.names).toEqual(["Cora K.", "Cora K.", "c@example.net"]);
    expect(known.said).toMatchObject({ name: "Cora K." });
    for (const claims of [
      { name: "", email: 7 },
      { name: 7, email: undefined },
      { name: undefined, email: null },
    ]) {
      const { names, said } = await named(claims);
      expect(names).toEqual(["sub-cora", "sub-cora", ""]);
      expect(said).not.toHaveProperty("name");
    }
  });

  it("is verified by the identity provider's keys as they are known, where they are", async () => {
    const { code } = await refused(verify(first, { jwks: another.jwks }));
    expect(code).toBe("signature-invalid");
    const jwks = readJwks(JSON.parse(fromUtf8(bytesOf(first, "jwks.json"))));
    expect((await verify(first, { jwks }, bringing(first, "jwks.json", utf8('{"keys":[]}')))).signOff.result).toBe(
      "approve",
    );
  });
});

describe("a sign-off does not hold", () => {
  it.each<[string, object, RegExp]>([
    ["another id", { signOff: sha256Hex(utf8("other")) }, /^It is recorded under another id than its own\.$/],
    ["another reason", { reason: "Fine." }, /^It is recorded with another reason than was signed\.$/],
    [
      "another person's place",
      { onBehalfOf: { person: { issuer: "i", subject: "s" }, delegation: sha256Hex(utf8("d")) } },
      /^It is recorded as given in another person's place than was signed\.$/,
    ],
    [
      "conditions",
      { conditions: { forSeconds: 600, errorPercent: 1 } },
      /^It is recorded with other conditions than were signed\.$/,
    ],
    ["another review", { review: 2 }, /^It names a stage of review 2 that the promotion never had\.$/],
    ["a stage that there never was", { stage: 7 }, /^It names a stage of review 1 that the promotion never had\.$/],
    ["another result", { result: "reject" }, /stored as another decision than the one signed/],
    ["more groups", { groups: ["compliance-officers", "sre"] }, /stored with other groups/],
    ["another person", { reviewer: { issuer: cora.identity.issuer, subject: "sub-dana" } }, /./],
  ])("recorded with %s than was signed", async (_, body, sentence) => {
    for (const leftOut of [false, true]) {
      // Who somebody was, and in which groups, the token alone tells.
      const untold = leftOut && "groups" in body;
      const outcome = untold
        ? await verify(saying(first, body), {}, read, leftOut)
        : await refused(verify(saying(first, body), {}, read, leftOut));
      expect(outcome).toMatchObject(
        untold ? { signOff: body } : { code: "statement-mismatch", sentence: expect.stringMatching(sentence) },
      );
    }
  });

  it("recorded for another promotion", async () => {
    const other = { ...first, record: { ...first.record, promotion: told.lent } };
    const elsewhere = { ...first, record: { ...first.record, id: `${told.deployed}/sign-off/else` } };
    for (const each of [other, elsewhere])
      expect(await refused(verify(each))).toEqual({
        code: "statement-mismatch",
        sentence: "It is recorded under another id than its own.",
      });
  });

  it("without one of its documents", async () => {
    for (const name of ["sign-off.dsse.json", "id-token.jwt", "jwks.json"])
      expect(await refused(verify(first, {}, bringing(first, name, undefined)))).toEqual({
        code: "pack-invalid",
        sentence: `Its ${name} is not in the pack.`,
      });
    expect(await refused(verify(withPasskey, {}, bringing(withPasskey, "passkey.json", undefined)))).toEqual({
      code: "pack-invalid",
      sentence: "Its passkey.json is not in the pack.",
    });
  });

  it("with a signature of the service that does not fit, with its token or without", async () => {
    for (const leftOut of [false, true])
      expect(await refused(verify(first, { verifySignature: () => false }, read, leftOut))).toEqual({
        code: "signature-invalid",
        sentence: "The envelope's signature does not fit its content.",
      });
  });

  it("signed with a key that was not in force", async () => {
    const keyHistory = trust.keyHistory.map((key) => ({ ...key, until: first.record.at }));
    expect((await refused(verify(first, { keyHistory }))).sentence).toMatch(/which was retired at/);
    const published = (index: number) =>
      verify(first, { keyHistory: trust.keyHistory.map((key) => ({ ...key, generation: 2, index })) });
    expect((await published(first.index - 1)).signOff.result).toBe("approve");
    expect((await refused(published(first.index))).sentence).toMatch(/which was not published yet/);
  });

  it("with documents that are not what their names say", async () => {
    for (const name of ["sign-off.dsse.json", "jwks.json", "passkey.json"]) {
      const { sentence } = await refused(verify(withPasskey, {}, bringing(withPasskey, name, utf8("no"))));
      expect(sentence).toMatch(new RegExp(`^${name} is not JSON that can be taken`));
    }
    // A pack's own key set is read although another is known.
    const jwks = readJwks(JSON.parse(fromUtf8(bytesOf(first, "jwks.json"))));
    expect((await refused(verify(first, { jwks }, bringing(first, "jwks.json", utf8("no"))))).code).toBe(
      "pack-invalid",
    );
  });

  it("with a passkey that nobody knows, with its token or without", async () => {
    for (const leftOut of [false, true])
      expect((await refused(verify(withPasskey, { passkeys: new Map() }, read, leftOut))).sentence).toMatch(/passkey/);
  });

  it("in another person's place under a delegation that nobody gave", async () => {
    expect(
      await refused(verify(inPlace, { delegations: new Map() })).then(
        ({ sentence }) => sentence,
        () => "held",
      ),
    ).toBe("held");
  });

  it("with another statement under its id, where the token is left out", async () => {
    const envelope = JSON.parse(fromUtf8(bytesOf(first, "sign-off.dsse.json")));
    const statement = JSON.parse(fromUtf8(fromBase64(envelope.payload)));
    const other = { ...statement, predicate: { ...statement.predicate, salt: "AAAAAAAAAAAAAAAAAAAAAA" } };
    const bytes = canonicalJsonBytes({ ...envelope, payload: base64(canonicalJsonBytes(other)) });
    const anybody = { verifySignature: () => true };
    expect(await refused(verify(first, anybody, bringing(first, "sign-off.dsse.json", bytes), true))).toEqual({
      code: "statement-mismatch",
      sentence: "It is recorded under another statement's id.",
    });
    expect((await refused(verify(first, anybody, bringing(first, "sign-off.dsse.json", bytes)))).code).not.toBe(
      "pack-invalid",
    );
    const claims = { ...statement, predicate: { ...statement.predicate, result: "reject" } };
    const rejecting = canonicalJsonBytes({ ...envelope, payload: base64(canonicalJsonBytes(claims)) });
    expect((await refused(verify(first, anybody, bringing(first, "sign-off.dsse.json", rejecting), true))).code).toBe(
      "statement-mismatch",
    );
  });
});

describe("the identity provider's keys", () => {
  it("are a JSON Web Key Set", () => {
    const keys = [{ kty: "RSA" }, { kty: "EC", crv: "P-256" }];
    expect(readJwks({ keys, more: true })).toEqual({ keys });
    expect(readJwks({ keys: [] })).toEqual({ keys: [] });
  });

  it.each([
    [null],
    ["keys"],
    [[]],
    [{}],
    [{ keys: null }],
    [{ keys: {} }],
    [{ keys: [null] }],
    [{ keys: ["RSA"] }],
    [{ keys: [{}] }],
    [{ keys: [{ kty: 1 }] }],
    [{ keys: [{ kty: "RSA" }, {}] }],
  ])("are none in %j", (value) => {
    expect(codeOf(() => readJwks(value))).toEqual({
      code: "pack-invalid",
      sentence: "The identity provider's keys are not a JSON Web Key Set.",
    });
  });
});

describe("what a signature must say", () => {
  it("is of the promotion as its gates last judged it in that review", () => {
    const context = contextOf({ review: 1, stage: 1 }, steps, trust.attestationBase);
    const judged = steps.find(({ record }) => record.type === "gates");
    expect(context).toEqual({
      attestationBase: trust.attestationBase,
      freezeDigest: judged?.after.freezeDigest,
      promotion: told.deployed,
      model: judged?.after.manifest.model,
      target: judged?.after.manifest.target,
      review: 1,
      stage: { index: 1, name: "model and operations" },
      requirements: judged?.after.requirements.sha256,
      shown: judged?.after.gates?.summary,
    });
  });

  it("is nothing before the gates, of a review or a stage that there never was", () => {
    const none = (place: { readonly review: number; readonly stage: number }, of = steps) =>
      codeOf(() => contextOf(place, of, trust.attestationBase));
    for (const place of [
      { review: 2, stage: 0 },
      { review: 1, stage: 2 },
    ])
      expect(none(place)).toEqual({
        code: "statement-mismatch",
        sentence: `It names a stage of review ${place.review} that the promotion never had.`,
      });
    expect(none({ review: 1, stage: 0 }, steps.slice(0, 2)).code).toBe("statement-mismatch");
    const unjudged = steps.map((step) => ({ ...step, requirements: undefined }));
    expect(none({ review: 1, stage: 0 }, unjudged).code).toBe("statement-mismatch");
  });
});

it("whoever signed is a member as their token names them", () => {
  const signOff = { reviewer: cora.identity, reviewerName: "Cora", groups: cora.groups };
  expect(memberOf(signOff, cora.address)).toEqual(cora);
});
