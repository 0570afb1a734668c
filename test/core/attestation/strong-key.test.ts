import { generateKeyPairSync } from "node:crypto";
import { expect, it } from "vitest";
import { isStrongKey } from "../../../core/attestation/strong-key.ts";
import { base64url } from "../../../core/encoding/base64.ts";

const { n = "", e = "" } = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey.export({ format: "jwk" });
const curve = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ format: "jwk" });
const { x = "" } = generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" });
const zeros = base64url(new Uint8Array([0, 1, 0, 1]));

it.each<[string, Parameters<typeof isStrongKey>[0]]>([
  ["RSA as everybody makes it", { kty: "RSA", n, e }],
  ["RSA with zeros before its exponent", { kty: "RSA", n, e: zeros }],
  ["a curve, which has one size", { kty: "EC", x: curve.x ?? "", y: curve.y ?? "" }],
  ["RSA that is padded", { kty: "RSA", n: `${n}==`, e }],
  ["a point as everybody makes it", { kty: "OKP", x }],
])("nobody but its owner signs with %s", (_, key) => {
  expect(isStrongKey(key)).toBe(true);
});

it.each<[string, { readonly n?: string; readonly e?: string }]>([
  ["the exponent 1", { n, e: "AQ" }],
  ["the exponent 3", { n, e: "Aw" }],
  ["2,040 bits", { n: base64url(new Uint8Array(255).fill(255)), e }],
  ["zeros before a short number", { n: base64url(new Uint8Array(256).fill(255, 1)), e }],
  ["no number", { e }],
  ["no exponent", { n }],
  ["what is no base64url", { n: "+/+/", e }],
])("others sign with RSA of %s", (_, key) => {
  expect(isStrongKey({ kty: "RSA", ...key })).toBe(false);
});

it("a key of RSA is judged by its own number, whatever was judged just before with the same exponent", () => {
  const weak = { kty: "RSA", n: base64url(new Uint8Array(255).fill(255)), e };
  expect([{ kty: "RSA", n, e }, weak, { kty: "RSA", n, e }].map(isStrongKey)).toEqual([true, false, true]);
});

it.each<[string, string | undefined]>([
  ["the neutral point, under which everything is signed", base64url(new Uint8Array(32).fill(1, 0, 1))],
  ["a point of order 4", base64url(new Uint8Array(32))],
  ["31 bytes", x.slice(0, 41)],
  ["what is no base64url", "+/+/"],
  ["no point", undefined],
])("others sign with Ed25519 of %s", (_, point) => {
  expect(isStrongKey({ kty: "OKP", ...(point === undefined ? {} : { x: point }) })).toBe(false);
});

it.each<[string, Parameters<typeof isStrongKey>[0]]>([
  ["a point in the alphabet of mail", { kty: "EC", x: "+/+/", y: curve.y ?? "" }],
  ["half a point", { kty: "EC", x: curve.x ?? "" }],
  ["a secret", { kty: "oct" }],
  ["what has the numbers of RSA and is called otherwise", { kty: "RSB", n, e }],
])("%s is no key to sign in with", (_, key) => {
  expect(isStrongKey(key)).toBe(false);
});
