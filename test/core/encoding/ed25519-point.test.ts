import { generateKeyPairSync, sign } from "node:crypto";
import { expect, it } from "vitest";
import { verifyEd25519 } from "../../../adapters/node-crypto/signatures.ts";
import { fromBase64url } from "../../../core/encoding/base64.ts";
import { fromHex } from "../../../core/encoding/bytes.ts";
import { isPointOfLargeOrder, isSoundEd25519 } from "../../../core/encoding/ed25519-point.ts";

const { publicKey, privateKey } = generateKeyPairSync("ed25519");
const key = fromBase64url(publicKey.export({ format: "jwk" }).x ?? "");
const message = new Uint8Array([1]);
const signature = new Uint8Array(sign(null, message, privateKey));
const point = (first: string, last: string, filling = "ff") => fromHex(`${first}${filling.repeat(30)}${last}`);
const order8 = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc";

it("a key and a signature as they are made are sound", () => {
  expect([isPointOfLargeOrder(key), isSoundEd25519(key, signature)]).toEqual([true, true]);
  expect(verifyEd25519(key, message, signature)).toBe(true);
});

it.each([
  ["the neutral point", point("01", "00", "00")],
  ["the neutral point with its sign", point("01", "80", "00")],
  ["the point of order 2", point("ec", "7f")],
  ["a point of order 4", point("00", "00", "00")],
  ["a point of order 8", fromHex(`${order8}05`)],
  ["a point of order 8 with its sign", fromHex(`${order8}85`)],
  ["the prime", point("ed", "7f")],
  ["one more than the prime, which is the neutral point again", point("ee", "7f")],
  ["31 bytes", key.subarray(1)],
])("%s is none, neither as a key nor in a signature", (_, bytes) => {
  expect([isPointOfLargeOrder(bytes), isSoundEd25519(bytes, signature)]).toEqual([false, false]);
  const otherwise = Uint8Array.from([...bytes, ...signature.subarray(32)]);
  expect(isSoundEd25519(key, otherwise)).toBe(false);
});

it("nobody has signed under the neutral point, whatever a library says", () => {
  const neutral = point("01", "00", "00");
  expect(verifyEd25519(neutral, message, Uint8Array.from([...neutral, ...new Uint8Array(32)]))).toBe(false);
});
