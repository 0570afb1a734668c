import { describe, expect, it } from "vitest";
import { verifyEcdsa } from "../../../adapters/node-crypto/signatures.ts";
import {
  isVouchedFor,
  type KeyChange,
  type KeyRecord,
  keyFact,
  keyGeneration,
  readKeyRecord,
} from "../../../core/attestation/key-record.ts";
import {
  deedOfFact,
  passkeyFact,
  passkeysOf,
  timesOf,
  whyPasskeyDoesNotStand,
  withStandingPasskeys,
} from "../../../core/attestation/recorded-passkey.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import { sha256Bytes } from "../../../core/encoding/sha256.ts";
import { factTypes } from "../../../core/promotion/fact.ts";
import type { SignOff } from "../../../core/promotion/sign-off.ts";
import { attestationBase, cora, dana, digestOf, now, sam } from "../promotion/promotion-in-review.ts";
import { codeOf, told } from "../refusal.ts";
import { authenticator } from "./authenticator.ts";
import { documents } from "./fact-of-promotion.ts";
import { passkeyDeed } from "./given-passkey.ts";
import { attestation, attestationKey } from "./signing-keys.ts";

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
    const saidBy = (kept: typeof envelope) => JSON.parse(Buffer.from(kept?.payload ?? "", "base64").toString());
    expect(saidBy((await recordOf(published)).voucher).predicate).toEqual({
      role: "attestation",
      generation: 2,
      change: "published",
    });
    expect(saidBy(envelope)).toEqual({
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
        // The signature is over what the record says; what is kept beside it must be that.
        { ...envelope, payload: "e30=" },
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
