import { describe, expect, it } from "vitest";
import { verifyEcdsa } from "../../../adapters/node-crypto/signatures.ts";
import { keptSignOffFact, originalBeside } from "../../../core/attestation/kept-sign-off.ts";
import {
  isVouchedFor,
  type KeyChange,
  type KeyRecord,
  keyFact,
  keyGeneration,
  readKeyRecord,
} from "../../../core/attestation/key-record.ts";
import { delegationDeedOf, delegationFact } from "../../../core/attestation/recorded-delegation.ts";
import {
  deedOfFact,
  passkeyFact,
  passkeysOf,
  timesOf,
  whyPasskeyDoesNotStand,
  withStandingPasskeys,
} from "../../../core/attestation/recorded-passkey.ts";
import { type RecordedSignOff, signOffFact } from "../../../core/attestation/recorded-sign-off.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { canonicalJsonBytes, type Json } from "../../../core/encoding/canonical-json.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import { sha256Bytes, sha256Hex } from "../../../core/encoding/sha256.ts";
import { factTypes } from "../../../core/promotion/fact.ts";
import type { SignOff } from "../../../core/promotion/sign-off.ts";
import {
  attestationBase,
  cora,
  dana,
  digestOf,
  now,
  promotionInReview,
  sam,
} from "../promotion/promotion-in-review.ts";
import { codeOf, told } from "../refusal.ts";
import { authenticator } from "./authenticator.ts";
import { delegationDeed, delegationDocument } from "./given-delegation.ts";
import { passkeyDeed } from "./given-passkey.ts";
import { givenSignOff } from "./given-sign-off.ts";
import { attestation, attestationKey } from "./signing-keys.ts";

const promotion = promotionInReview();
const json = (value: unknown) => sha256Hex(canonicalJsonBytes(value as Json));
const documents = (
  name: string,
  { envelope, idToken, jwks }: Pick<RecordedSignOff, "envelope" | "idToken" | "jwks">,
) => [
  { name, mediaType: "application/vnd.in-toto+json", sha256: json(envelope) },
  { name: "id-token.jwt", mediaType: "application/jwt", sha256: sha256Hex(utf8(idToken)) },
  { name: "jwks.json", mediaType: "application/jwk-set+json", sha256: json(jwks) },
];

describe("the record of a sign-off", async () => {
  const recorded = await givenSignOff(promotion, cora);
  const { signOff } = recorded;
  const body = {
    signOff: signOff.id,
    review: 1,
    stage: 0,
    result: "approve",
    reason: signOff.reason,
    roles: ["compliance-officer"],
    reviewer: cora.identity,
    groups: cora.groups,
  };
  const telling = (over: Partial<SignOff>) => signOffFact({ ...recorded, signOff: { ...signOff, ...over } });

  it("says who decided what, and holds what it rests on", () => {
    expect(signOffFact(recorded)).toEqual({
      id: `${promotion.id}/sign-off/${signOff.id}`,
      type: "sign-off",
      at: signOff.recordedAt,
      promotion: promotion.id,
      summary: "Cora approved as compliance-officer.",
      body,
      attachments: documents("sign-off.dsse.json", recorded),
    });
  });

  it.each<[string, Partial<SignOff>, string, object]>([
    ["a rejection", { result: "reject" }, "Cora rejected as compliance-officer.", { result: "reject" }],
    [
      "a withdrawal in two roles",
      { result: "withdraw", roles: ["a", "b"] },
      "Cora withdrew the earlier decision as a, b.",
      { result: "withdraw", roles: ["a", "b"] },
    ],
    ["a kind of sign-in", { acr: "urn:mfa" }, "Cora approved as compliance-officer.", { signIn: { acr: "urn:mfa" } }],
    ["ways to sign in", { amr: ["otp"] }, "Cora approved as compliance-officer.", { signIn: { amr: ["otp"] } }],
    [
      "a passkey",
      { passkey: { id: digestOf("key"), counter: 3 } },
      "Cora approved as compliance-officer, with a passkey.",
      { passkey: { id: digestOf("key"), counter: 3 } },
    ],
    [
      "a passkey that may have been copied",
      { passkey: { id: digestOf("key"), counter: 3, counterWentBack: true } },
      "Cora approved as compliance-officer, with a passkey whose counter did not rise: it may have been copied.",
      { passkey: { id: digestOf("key"), counter: 3, counterWentBack: true } },
    ],
    [
      "another's place",
      { onBehalfOf: { person: dana.identity, delegation: digestOf("delegation") } },
      "Cora approved as compliance-officer, in another person's place.",
      { onBehalfOf: { person: dana.identity, delegation: digestOf("delegation") } },
    ],
  ])("says %s", (_, over, summary, said) => {
    const fact = telling(over);
    expect(fact.summary).toBe(summary);
    expect(fact.body).toEqual({ ...body, ...said });
  });

  it("holds a passkey's answer beside the others", async () => {
    const device = authenticator();
    const assertion = device.assertion("challenge");
    const { attachments } = signOffFact({ ...recorded, passkey: assertion });
    const { credentialId, clientDataJSON, authenticatorData, signature } = assertion;
    expect(attachments.at(-1)).toEqual({
      name: "passkey.json",
      mediaType: "application/json",
      sha256: json({ credentialId, clientDataJSON, authenticatorData, signature }),
    });
  });

  it("that is kept for a newer candidate stands by itself", () => {
    const newer = promotionInReview({ id: promotionInReview().id.replace(/1$/, "2") as typeof promotion.id });
    const carried = { signOff, stage: 1, roles: ["a", "b"], review: 3 };
    const beside = new Map([["earlier-releases.json", digestOf("releases")]]);
    const fact = keptSignOffFact(recorded, carried, { older: promotion, beside, newer, at: now });
    expect(originalBeside(fact)).toEqual(beside);
    expect(fact).toEqual({
      id: `${newer.id}/sign-off-kept/3/${signOff.id}`,
      type: "sign-off-kept",
      at: now,
      promotion: newer.id,
      summary: "What Cora signed as a, b for 1.4.0 is kept: what it judges is the same.",
      body: {
        ...body,
        from: promotion.id,
        recordedAt: signOff.recordedAt,
        kept: { stage: 1, roles: ["a", "b"], review: 3 },
      },
      attachments: [
        ...documents("sign-off.dsse.json", recorded),
        { name: "original-freeze.json", mediaType: "application/json", sha256: promotion.freezeDigest },
        { name: "original-requirements.json", mediaType: "application/json", sha256: promotion.requirements.sha256 },
        {
          name: "original-beside-earlier-releases.json",
          mediaType: "application/json",
          sha256: digestOf("releases"),
        },
      ],
    });
  });
});

describe("the record of a delegation", () => {
  const document = delegationDocument(cora, dana, "sre");

  it.each([
    ["delegate", "delegated", `Cora delegated the role sre from ${document.from} until ${document.until}`],
    ["revoke", "delegation-revoked", "Cora revoked a delegation of the role sre"],
  ] as const)("says that somebody did: %s", async (deed, type, did) => {
    const recorded = await delegationDeed(deed, document, cora);
    expect(delegationFact(recorded)).toEqual({
      id: `delegation/${recorded.id}/${deed}`,
      type,
      at: recorded.recordedAt,
      summary: `${did} (${recorded.id.slice(0, 16)}).`,
      body: {
        delegation: recorded.id,
        delegator: cora.identity,
        delegate: dana.identity,
        person: cora.identity,
        groups: cora.groups,
      },
      attachments: documents("delegation.dsse.json", recorded),
    });
    expect(delegationDeedOf(type)).toBe(deed);
  });

  it("is told by no other type of fact", () => {
    expect(factTypes.filter((type) => delegationDeedOf(type) !== undefined)).toEqual([
      "delegated",
      "delegation-revoked",
    ]);
  });
});

describe("the record of a passkey", () => {
  const device = authenticator();

  it.each([
    ["enrol", "passkey-enrolled", "Cora enrolled a passkey of their own"],
    ["confirm", "passkey-confirmed", "Cora confirmed another person's passkey"],
    ["revoke", "passkey-revoked", "Cora revoked a passkey"],
  ] as const)("says that somebody did: %s", async (deed, type, did) => {
    const recorded = await passkeyDeed(deed, device, dana, cora);
    const fact = passkeyFact(recorded);
    expect(fact).toMatchObject({
      id: `passkey/${device.id}/${deed}`,
      type,
      at: recorded.recordedAt,
      summary: `${did} (${device.id.slice(0, 16)}).`,
      body: { passkey: device.id, owner: dana.identity, person: cora.identity, groups: cora.groups },
    });
    expect(fact.attachments.slice(0, 3)).toEqual(documents("passkey.dsse.json", recorded));
    expect(fact.attachments.slice(3).map(({ name }) => name)).toEqual(deed === "enrol" ? ["passkey.json"] : []);
    expect(deedOfFact(type)).toBe(deed);
  });

  it("is told by no other type of fact", () => {
    expect(factTypes.filter((type) => deedOfFact(type) !== undefined)).toHaveLength(3);
  });

  it("comes to what was done with each, in whatever order it is told", async () => {
    const other = authenticator("ES256", "other");
    const enrolled = await passkeyDeed("enrol", device, cora);
    const confirmed = await passkeyDeed("confirm", device, cora, sam, addSeconds(now, -60));
    const revoked = await passkeyDeed("revoke", device, cora, cora, now);
    const stray = await passkeyDeed("confirm", other, cora, sam);
    const [passkey, ...none] = passkeysOf([stray, revoked, confirmed, enrolled]);
    expect(none).toEqual([]);
    expect(passkey).toEqual({ id: device.id, description: enrolled.passkey, enrolled, confirmed, revoked });
    expect(passkey === undefined ? undefined : timesOf(passkey)).toEqual({
      confirmedAt: confirmed.recordedAt,
      revokedAt: now,
    });
    const [fresh] = passkeysOf([enrolled]);
    expect(fresh).toEqual({ id: device.id, description: enrolled.passkey, enrolled });
    expect(fresh === undefined ? undefined : timesOf(fresh)).toEqual({});
  });

  it.each<[string, { confirmedAt?: Instant; revokedAt?: Instant }, string | undefined]>([
    ["never confirmed", {}, "was not confirmed by a second person"],
    ["confirmed later", { confirmedAt: addSeconds(now, 1) }, "was not confirmed by a second person"],
    ["confirmed at that instant", { confirmedAt: now }, undefined],
    ["revoked at that instant", { confirmedAt: now, revokedAt: now }, "was revoked"],
    ["revoked later", { confirmedAt: now, revokedAt: addSeconds(now, 1) }, undefined],
  ])("%s stands or does not", (_, times, why) => {
    expect(whyPasskeyDoesNotStand(times, now)).toBe(why);
    const use = { id: device.id, counter: 1 };
    const given = { passkey: use } as unknown as SignOff;
    const [counted] = withStandingPasskeys([given], new Map([[device.id, times]]), now);
    expect(counted).toEqual(why === undefined ? given : {});
    expect(withStandingPasskeys([given], new Map(), now)).toEqual([{}]);
  });
});

describe("the record of a key", () => {
  const base = attestationBase;
  const [first, second] = [
    keyGeneration("attestation", 1, attestation.key.pem),
    keyGeneration("attestation", 2, "two\n"),
  ];
  const voucher = { keyid: first.keyid, sign: (message: Uint8Array) => attestation.sign(sha256Bytes(message)) };
  const verify = (by: typeof first, message: Uint8Array, signature: Uint8Array) =>
    verifyEcdsa(by.text, message, signature);
  const published: KeyChange = { change: "published" };
  const retired: KeyChange = { change: "retired", until: now };
  const factOf = async (change: KeyChange) => keyFact(second, change, now, base, voucher);
  const recordOf = async (change: KeyChange): Promise<KeyRecord> => readKeyRecord(await factOf(change));

  it("says what became of it, and who vouches for that", async () => {
    expect(await keyFact(first, published, now, base, undefined)).toEqual({
      id: "installation/key/attestation/1/published",
      type: "key",
      at: now,
      summary: `The attestation key 1 was published (${first.keyid}).`,
      body: {
        change: "published",
        role: "attestation",
        generation: 1,
        keyid: first.keyid,
        key: first.text,
        voucher: null,
      },
      attachments: [],
    });
    const fact = await factOf(retired);
    expect(fact.summary).toBe(`The attestation key 2 signs nothing from ${now} on.`);
    expect(fact.body).toMatchObject({
      change: "retired",
      until: now,
      voucher: { signatures: [{ keyid: first.keyid }] },
    });
    const { voucher: envelope } = await recordOf(retired);
    expect(JSON.parse(Buffer.from(envelope?.payload ?? "", "base64").toString())).toEqual({
      _type: "https://in-toto.io/Statement/v1",
      subject: [{ name: "attestation-key-2", digest: { sha256: second.keyid } }],
      predicateType: `${base}/attestation/key/v1`,
      predicate: { role: "attestation", generation: 2, change: "retired", until: now },
    });
  });

  it("is read as it was written", async () => {
    const unvouched = readKeyRecord(await keyFact(first, published, now, base, undefined));
    expect(unvouched).toEqual({ ...first, change: "published" });
    expect(await recordOf(published)).toMatchObject({
      ...second,
      change: "published",
      voucher: { payload: expect.any(String) },
    });
  });

  it.each<[string, object, string]>([
    ["a role of no key", { role: "review" }, "its 'role' is not that of a key's record"],
    ["a change that is none", { change: "lost" }, "its 'change' is not that of a key's record"],
    ["another key's id", { keyid: digestOf("other") }, "its key does not have the id that it is named by"],
    ["another generation", { generation: 3 }, "it is recorded under the id of another"],
  ])("is refused with %s", async (_, over, why) => {
    const fact = await factOf(published);
    const wrong = { ...fact, body: { ...fact.body, ...over } };
    expect(told(codeOf(() => readKeyRecord(wrong)))).toBe(
      `pack-invalid: The record 'installation/key/attestation/2/published' cannot be taken: ${why}.`,
    );
  });

  it("is vouched for by the key that signed it, over all that it says, and by no other", async () => {
    const other = attestationKey();
    for (const change of [published, retired]) {
      const record = await recordOf(change);
      expect(await isVouchedFor(record, first, base, verify)).toBe(true);
      expect(await isVouchedFor(record, second, base, verify)).toBe(false);
      expect(await isVouchedFor(record, first, "https://other.example", verify)).toBe(false);
      expect(await isVouchedFor({ ...record, generation: 3 }, first, base, verify)).toBe(false);
      const { voucher: _, ...without } = record;
      expect(await isVouchedFor(without as KeyRecord, first, base, verify)).toBe(false);
      const envelope = record.voucher ?? expect.unreachable();
      const [signature] = envelope.signatures;
      if (signature === undefined) expect.unreachable();
      const changed = [
        { ...envelope, payloadType: "application/json" },
        { ...envelope, signatures: [] },
        { ...envelope, signatures: [signature, signature] },
        { ...envelope, signatures: [{ ...signature, sig: "%%" }] },
      ];
      for (const each of changed)
        expect(await isVouchedFor({ ...record, voucher: each }, first, base, verify)).toBe(false);
    }
    const foreign = await keyFact(second, published, now, base, {
      keyid: first.keyid,
      sign: (message) => other.sign(sha256Bytes(message)),
    });
    expect(await isVouchedFor(readKeyRecord(foreign), first, base, verify)).toBe(false);
  });
});
