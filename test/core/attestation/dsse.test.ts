import { createPublicKey, verify } from "node:crypto";
import { p256 } from "@noble/curves/nist.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { verifyEcdsa } from "../../../adapters/node-crypto/signatures.ts";
import {
  type Envelope,
  openEnvelope,
  pae,
  parseEnvelope,
  parseKeptEnvelope,
  pemOfSpki,
  signEnvelope,
  verifyingKey,
} from "../../../core/attestation/dsse.ts";
import { base64 } from "../../../core/encoding/base64.ts";
import { fromUtf8, hex, utf8 } from "../../../core/encoding/bytes.ts";
import { sha256Bytes, sha256Hex } from "../../../core/encoding/sha256.ts";
import { codeOf, told } from "../refusal.ts";
import { attestation, attestationKey } from "./signing-keys.ts";

// https://github.com/secure-systems-lab/dsse/blob/master/protocol.md, 'Test Vectors'.
const vector = {
  type: "http://example.com/HelloWorld",
  body: "hello world",
  pae: "DSSEv1 29 http://example.com/HelloWorld 11 hello world",
  x: 46950820868899156662930047687818585632848591499744589407958293238635476079160n,
  y: 5640078356564379163099075877009565129882514886557779369047442380624545832820n,
  d: 97358161215184420915383655311931858321456579547487070936769975997791359926199n,
  sig: "A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA==",
};
const bytesOf = (value: bigint) => Buffer.from(value.toString(16).padStart(64, "0"), "hex");

describe("the pre-authentication encoding", () => {
  it("is the specification's for its example", () => {
    expect(fromUtf8(pae(vector.type, utf8(vector.body)))).toBe(vector.pae);
  });

  it("is what the specification's signature is over, and what is signed here the same way", () => {
    const message = pae(vector.type, utf8(vector.body));
    const key = createPublicKey({
      key: {
        kty: "EC",
        crv: "P-256",
        x: bytesOf(vector.x).toString("base64url"),
        y: bytesOf(vector.y).toString("base64url"),
      },
      format: "jwk",
    });
    const signature = Buffer.from(vector.sig, "base64");
    expect(verify("sha256", message, { key, dsaEncoding: "ieee-p1363" }, signature)).toBe(true);
    // RFC 6979 makes the signature the same each time; low s is not asked for.
    const own = p256.sign(sha256Bytes(message), bytesOf(vector.d), { prehash: false, lowS: false });
    expect(base64(own)).toBe(vector.sig);
  });

  it("counts bytes and not characters", () => {
    expect(fromUtf8(pae("é", utf8("日本")))).toBe("DSSEv1 2 é 6 日本");
  });

  it("never encodes two different pairs alike", () => {
    const text = fc.string({ unit: fc.constantFrom("1", " ", "a", "é"), maxLength: 6 });
    fc.assert(
      fc.property(text, text, text, text, (typeA, bodyA, typeB, bodyB) => {
        const same = typeA === typeB && bodyA === bodyB;
        expect(hex(pae(typeA, utf8(bodyA))) === hex(pae(typeB, utf8(bodyB)))).toBe(same);
      }),
    );
  });
});

describe("an envelope", () => {
  const payload = utf8('{"a":1}');
  const sealed = () => signEnvelope(payload, attestation.key.keyid, attestation.sign);
  const open = (envelope: Envelope, keys = [attestation.key]) => openEnvelope(envelope, keys, verifyEcdsa);

  it("gives back what was signed", async () => {
    expect(open(await sealed())).toEqual(payload);
  });

  const other = attestationKey();
  it.each<[string, (envelope: Envelope) => Envelope | Promise<Envelope>, RegExp]>([
    ["another payload", (e) => ({ ...e, payload: base64(utf8('{"a":2}')) }), /does not fit its content/],
    ["another type", (e) => ({ ...e, payloadType: "application/json" }), /not an in-toto statement/],
    ["no signature", (e) => ({ ...e, signatures: [] }), /carries 0 signatures/],
    ["the signature twice", (e) => ({ ...e, signatures: [...e.signatures, ...e.signatures] }), /carries 2 signatures/],
    ["a foreign key", () => signEnvelope(payload, other.key.keyid, other.sign), /a key that is not trusted/],
    [
      "a foreign signature under our key's id",
      () => signEnvelope(payload, attestation.key.keyid, other.sign),
      /does not fit its content/,
    ],
    [
      "a signature cut short",
      (e) => ({
        ...e,
        signatures: e.signatures.map((s) => ({ ...s, sig: base64(Buffer.from(s.sig, "base64").subarray(0, 40)) })),
      }),
      /does not fit its content/,
    ],
    [
      "no text as signature",
      (e) => ({ ...e, signatures: e.signatures.map((s) => ({ ...s, sig: "%%" })) }),
      /^The envelope's signature is not base64 in its one spelling\.$/,
    ],
    [
      "a payload in other base64",
      (e) => ({ ...e, payload: `${e.payload}\n` }),
      /^The envelope's payload is not base64 in its one spelling\.$/,
    ],
  ])("with %s is refused", async (_, change, sentence) => {
    const envelope = await change(await sealed());
    const refusal = codeOf(() => open(envelope));
    expect(refusal.code).toBe("signature-invalid");
    expect(refusal.sentence).toMatch(sentence);
  });

  const whole = { payloadType: "t", payload: "p", signatures: [{ keyid: "k", sig: "s" }] };
  it("is read from JSON that has its members", () => {
    expect(parseEnvelope(whole)).toEqual(whole);
    expect(parseEnvelope({ ...whole, signatures: [] })).toEqual({ ...whole, signatures: [] });
  });

  it.each<[string, unknown]>([
    ["null", null],
    ["a list", []],
    ["a text", "{}"],
    ["nothing", {}],
    ["a type that is no text", { ...whole, payloadType: 5 }],
    ["a payload that is no text", { ...whole, payload: 5 }],
    ["no signatures", { payloadType: "t", payload: "p" }],
    ["a signature without a key's id", { ...whole, signatures: [{ sig: "s" }] }],
    ["a signature that is no text", { ...whole, signatures: [{ keyid: "k", sig: 5 }] }],
    ["one signature of two", { ...whole, signatures: [...whole.signatures, {}] }],
    ["null for a signature", { ...whole, signatures: [null] }],
  ])("is not %s", (_, value) => {
    expect(told(codeOf(() => parseEnvelope(value)))).toBe("signature-invalid: This is not a DSSE envelope.");
  });
});

describe("an envelope that a record keeps", () => {
  const kept = { payloadType: "t", payload: "p", signatures: [{ keyid: "k", sig: "s" }] };

  it("has nothing beside what is signed, and by whom", () => {
    expect(parseKeptEnvelope(kept)).toEqual(kept);
  });

  it.each<[string, unknown]>([
    ["beside what is signed", { ...kept, note: "Approved by all." }],
    ["beside a signature", { ...kept, signatures: [{ keyid: "k", sig: "s", note: "Approved by all." }] }],
  ])("has no words %s", (_, value) => {
    expect(told(codeOf(() => parseKeptEnvelope(value)))).toBe(
      "signature-invalid: The envelope has members that nobody signed.",
    );
  });
});

describe("a key", () => {
  it("is found by the SHA-256 of its PEM", () => {
    const { pem, keyid } = attestation.key;
    expect(keyid).toBe(sha256Hex(utf8(pem)));
    const spki = createPublicKey(pem).export({ format: "der", type: "spki" });
    expect(verifyingKey(pemOfSpki(spki))).toEqual({ pem, keyid });
  });

  it("signs as node's own ECDSA is verified", async () => {
    const message = utf8("anything");
    expect(verifyEcdsa(attestation.key.pem, message, await attestation.sign(sha256Bytes(message)))).toBe(true);
  });
});
