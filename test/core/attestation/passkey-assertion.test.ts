import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, it } from "vitest";
import { verifyJws } from "../../../adapters/node-crypto/signatures.ts";
import { type PasskeyAssertion, verifyAssertion } from "../../../core/attestation/passkey-assertion.ts";
import { type PasskeyKey, passkeyIdOf } from "../../../core/attestation/passkey-key.ts";
import { base64url } from "../../../core/encoding/base64.ts";
import { fromHex } from "../../../core/encoding/bytes.ts";
import { digestOf } from "../promotion/promotion-in-review.ts";
import { codeOf } from "../refusal.ts";
import { authenticator, presentAndVerified, type Said } from "./authenticator.ts";

const challenge = base64url(fromHex(digestOf("the decision")));
const device = authenticator();
const expected = { credential: device, challenge };

function refusal(assertion: PasskeyAssertion, over: Partial<typeof expected> = {}): string {
  const refused = codeOf(() => verifyAssertion(assertion, { ...expected, ...over }, verifyJws));
  expect(refused.code).toBe("passkey-invalid");
  return refused.sentence;
}

describe("a passkey's answer", () => {
  it.each(["ES256", "EdDSA", "RS256"] as const)("holds for the decision that it was made for, with %s", (algorithm) => {
    const other = authenticator(algorithm);
    const assertion = other.assertion(challenge, { counter: 7 });
    expect(verifyAssertion(assertion, { credential: other, challenge }, verifyJws)).toEqual({ counter: 7 });
  });

  it.each<[string, Said, string]>([
    ["on another page", { origin: "https://sign.example.evil.example" }, "another page than the portal"],
    ["on the same host with another port", { origin: "https://sign.example:8443" }, "another page than the portal"],
    ["for another relying party", { rpId: "example" }, "another relying party"],
    ["inside of another site's page", { crossOrigin: true }, "inside of another site's page"],
    ["below another site's page", { topOrigin: "https://evil.example" }, "inside of another site's page"],
    ["when a passkey was made", { type: "webauthn.create" }, "not an answer to a request for a signature"],
    ["without a touch", { flags: 0x04 }, "nobody touched"],
    ["without verifying the person", { flags: 0x01 }, "did not verify the person"],
    ["with flags that contradict each other", { flags: presentAndVerified | 0x10 }, "cannot be copied was copied"],
  ])("made %s is refused", (_, said, why) => {
    expect(refusal(device.assertion(challenge, said))).toContain(why);
  });

  it("to another decision is refused", () => {
    expect(refusal(device.assertion(base64url(fromHex(digestOf("another")))))).toContain("another decision");
  });

  it("of another passkey is refused, whatever it calls itself", () => {
    const other = authenticator("ES256", "other");
    expect(refusal(other.assertion(challenge))).toContain("another passkey answered");
    const disguised = { ...other.assertion(challenge), credentialId: device.credentialId };
    expect(refusal(disguised)).toContain("does not fit the public key");
  });

  const sound = device.assertion(challenge);
  const flipped = (name: "clientDataJSON" | "authenticatorData" | "signature", at: number) => {
    const bytes = Buffer.from(sound[name], "base64url");
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    return { ...sound, [name]: bytes.toString("base64url") };
  };
  it("with any byte of the authenticator's data changed is refused", () => {
    for (let at = 0; at < 37; at += 1) refusal(flipped("authenticatorData", at));
  });

  it("with any byte of what the browser says changed is refused", () => {
    const { length } = Buffer.from(sound.clientDataJSON, "base64url");
    for (let at = 0; at < length; at += 1) refusal(flipped("clientDataJSON", at));
  });

  it("with any byte of the signature changed is refused", () => {
    const { length } = Buffer.from(sound.signature, "base64url");
    for (let at = 0; at < length; at += 1) refusal(flipped("signature", at));
  });

  it.each<[string, (bytes: Buffer) => Buffer]>([
    ["cut off", (bytes) => bytes.subarray(0, -1)],
    ["empty", (bytes) => bytes.subarray(0, 0)],
    ["with something behind it", (bytes) => Buffer.concat([bytes, Buffer.of(0)])],
  ])("whose parts are %s is refused", (_, change) => {
    for (const name of ["clientDataJSON", "authenticatorData", "signature"] as const) {
      refusal({ ...sound, [name]: change(Buffer.from(sound[name], "base64url")).toString("base64url") });
    }
  });

  it.each<[string, Said | undefined, (bytes: Buffer) => Buffer, string]>([
    ["too short", undefined, (bytes) => bytes.subarray(0, 36), "the authenticator's data is cut off"],
    ["empty", undefined, (bytes) => bytes.subarray(0, 0), "the authenticator's data is cut off"],
    [
      "too long, with nothing that says why",
      undefined,
      (bytes) => Buffer.concat([bytes, Buffer.of(0)]),
      "there is more behind the authenticator's data than it says",
    ],
  ])("whose authenticator's data is %s is refused before anything else in it", (_, said, change, why) => {
    const { authenticatorData, ...rest } = device.assertion(challenge, said);
    const changed = change(Buffer.from(authenticatorData, "base64url")).toString("base64url");
    expect(refusal({ ...rest, authenticatorData: changed })).toBe(`The passkey's answer cannot be used: ${why}.`);
  });

  it("says of a key that can be copied that it was", () => {
    const copied = device.assertion(challenge, { flags: presentAndVerified | 0x18 });
    expect(verifyAssertion(copied, expected, verifyJws)).toEqual({ counter: expect.any(Number) });
  });

  it.each<[string, PasskeyAssertion]>([
    ["is no base64url", { ...sound, signature: "+/==" }],
    ["speaks no JSON", { ...sound, clientDataJSON: base64url(Uint8Array.of(0xff)) }],
    ["speaks of nobody", { ...sound, clientDataJSON: Buffer.from("null").toString("base64url") }],
    [
      "says its challenge twice",
      {
        ...sound,
        clientDataJSON: Buffer.from(`{"challenge":"x","challenge":"${challenge}"}`).toString("base64url"),
      },
    ],
  ])("that %s is refused in words", (_, assertion) => {
    expect(refusal(assertion)).toMatch(
      /^The passkey's answer cannot be used: (it is not base64url|what the browser signed is not JSON)\.$/,
    );
  });

  /** ECDSA's two numbers in DER, written as they are. */
  const der = (r: readonly number[], s: readonly number[], over: { readonly lengths?: readonly number[] } = {}) => {
    const [whole = r.length + s.length + 4, first = r.length, second = s.length] = over.lengths ?? [];
    return Buffer.of(0x30, whole, 0x02, first, ...r, 0x02, second, ...s);
  };
  const high = [0, ...new Array<number>(32).fill(0x80)];
  it.each<[string, Buffer]>([
    ["a negative number", der([0x80], [1])],
    ["a negative number of 32 bytes", der(new Array<number>(32).fill(0x80), [1])],
    ["a zero more than it needs", der([0, 1], [1])],
    ["a zero more than the second needs", der([1], [0, 1])],
    ["more than 32 bytes", der([1, ...new Array<number>(32).fill(0)], [1])],
    ["an empty number", der([], [1])],
    ["no second number", Buffer.of(0x30, 3, 0x02, 1, 1)],
    ["a number that is cut off", der([1], [1], { lengths: [6, 1, 2] })],
    ["another length than it has", der([1], [1], { lengths: [7] })],
    ["a third number", Buffer.concat([der([1], [1], { lengths: [9] }), Buffer.of(2, 1, 1)])],
    ["another kind of list", Buffer.concat([Buffer.of(0x31), der([1], [1]).subarray(1)])],
    ["another kind of number", Buffer.of(0x30, 6, 0x03, 1, 1, 0x02, 1, 1)],
  ])("whose signature has %s is no signature in DER", (_, signature) => {
    expect(refusal({ ...sound, signature: signature.toString("base64url") })).toBe(
      "The passkey's answer cannot be used: its signature is not an ECDSA signature over P-256.",
    );
  });

  it.each<[string, Buffer]>([
    ["short numbers", der([1], [0x7f])],
    ["the number 0", der([0], [1])],
    ["high numbers", der(high, high)],
  ])("whose signature has %s is in DER, and is another's", (_, signature) => {
    expect(refusal({ ...sound, signature: signature.toString("base64url") })).toBe(
      "The passkey's answer cannot be used: its signature does not fit the public key.",
    );
  });

  it("by a key that others could sign with is refused though it fits", () => {
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 1024 });
    const client = Buffer.from(sound.clientDataJSON, "base64url");
    const signed = Buffer.concat([
      Buffer.from(sound.authenticatorData, "base64url"),
      createHash("sha256").update(client).digest(),
    ]);
    const assertion = { ...sound, signature: sign("sha256", signed, privateKey).toString("base64url") };
    const weak = { ...device, publicKey: publicKey.export({ format: "jwk" }) as unknown as PasskeyKey };
    expect(refusal(assertion, { credential: weak })).toBe(
      "The passkey's answer cannot be used: its key is one that others could sign with: RSA below 2,048 bits, or with another exponent than 65537, or Ed25519 of small order.",
    );
  });

  it("may say more behind its data where its flags tell of it", () => {
    const data = Buffer.from(
      device.assertion(challenge, { flags: presentAndVerified | 0x80 }).authenticatorData,
      "base64url",
    );
    const longer = { ...sound, authenticatorData: Buffer.concat([data, Buffer.of(0xa0)]).toString("base64url") };
    expect(refusal(longer)).toBe("The passkey's answer cannot be used: its signature does not fit the public key.");
  });

  it("with a padded integer in its signature is refused: one signature has one spelling", () => {
    const der = Buffer.from(sound.signature, "base64url");
    const length = der[3] ?? 0;
    const integer = Buffer.concat([Buffer.of(0), der.subarray(4, 4 + length)]);
    const rest = der.subarray(4 + length);
    const padded = Buffer.concat([Buffer.of(0x30, (der[1] ?? 0) + 1, 0x02, length + 1), integer, rest]);
    expect(refusal({ ...sound, signature: padded.toString("base64url") })).toContain("not an ECDSA signature");
  });
});

/** W3C Web Authentication Level 3, section "Test vectors": https://www.w3.org/TR/webauthn-3/#sctn-test-vectors */
describe("the published test vectors", () => {
  const url = (hex: string) => base64url(fromHex(hex));
  const place = { credentialId: "AA", rpId: "example.org", origin: "https://example.org" };
  const answer = (authenticatorData: string, clientDataJSON: string, signature: string): PasskeyAssertion => ({
    credentialId: "AA",
    authenticatorData: url(authenticatorData),
    clientDataJSON: url(clientDataJSON),
    signature: url(signature),
  });
  const credential = (x: string, y: string) => ({
    ...place,
    publicKey: { kty: "EC", crv: "P-256", x: url(x), y: url(y) } as const,
  });

  it("none.ES256.long-credential-id holds, the person being verified", () => {
    const key = credential(
      "3b8176b7504489cc593046d7988abb7905a742de6ac2cdc748a873c663e90cb1",
      "1436d5edc9a75f23999eef9d5950a5c2455514ee1014084720f841a06b828a11",
    );
    const assertion = answer(
      "bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b50d00000000",
      "7b2274797065223a22776562617574686e2e676574222c226368616c6c656e6765223a22377833727057334f53505a307045664d396a75566d53574d36485a4935634f573875384d6f647047446a73222c226f726967696e223a2268747470733a2f2f6578616d706c652e6f7267222c2263726f73734f726967696e223a66616c73657d",
      "304502203ecef83fb12a0cae7841055f9f87103a99fd14b424194bbf06c4623d3ee6e3fd022100d2ace346db262b1374a6b70faa51f518a42ddca13a4125ce6f5052a75bac9fb6",
    );
    const asked = url("ef1deba56dce48f674a447ccf63b9599258ce87648e5c396f2ef0ca1da460e3b");
    expect(verifyAssertion(assertion, { credential: key, challenge: asked }, verifyJws)).toEqual({ counter: 0 });
  });

  it("none.ES256, which says that the person was not verified, is refused for that alone", () => {
    const key = credential(
      "afefa16f97ca9b2d23eb86ccb64098d20db90856062eb249c33a9b672f26df61",
      "930a56b87a2fca66334b03458abf879717c12cc68ed73290af2e2664796b9220",
    );
    const assertion = answer(
      "bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b51900000000",
      "7b2274797065223a22776562617574686e2e676574222c226368616c6c656e6765223a224f63446e55685158756c5455506f334a5558543049393770767a7a59425039745a63685879617630314167222c226f726967696e223a2268747470733a2f2f6578616d706c652e6f7267222c2263726f73734f726967696e223a66616c73657d",
      "3046022100f50a4e2e4409249c4a853ba361282f09841df4dd4547a13a87780218deffcd380221008480ac0f0b93538174f575bf11a1dd5d78c6e486013f937295ea13653e331e87",
    );
    const asked = url("39c0e7521417ba54d43e8dc95174f423dee9bf3cd804ff6d65c857c9abf4d408");
    expect(refusal(assertion, { credential: { ...device, ...key }, challenge: asked })).toContain("did not verify");
  });
});

it("a passkey's id is the thumbprint of its key (RFC 7638 section 3.1, its example)", () => {
  const n =
    "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
  const id = passkeyIdOf({ kty: "RSA", n, e: "AQAB" });
  expect(base64url(fromHex(id))).toBe("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
});
