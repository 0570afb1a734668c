import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { isP256Key } from "../../../core/encoding/p256-key.ts";

const spki = (namedCurve: string) =>
  new Uint8Array(generateKeyPairSync("ec", { namedCurve }).publicKey.export({ type: "spki", format: "der" }));
const own = spki("P-256");
const withByte = (at: number, byte: number) => Uint8Array.from(own, (each, place) => (place === at ? byte : each));

describe("a public key of P-256", () => {
  it("is one, whichever", () => {
    for (let count = 0; count < 20; count += 1) expect(isP256Key(spki("P-256"))).toBe(true);
  });

  it("is of no other curve, has all of its point, and that on the curve", () => {
    for (const other of ["P-384", "secp256k1"]) expect(isP256Key(spki(other))).toBe(false);
    expect(isP256Key(own.subarray(0, -1))).toBe(false);
    expect(isP256Key(Uint8Array.from([...own, 0]))).toBe(false);
    expect(isP256Key(new Uint8Array(0))).toBe(false);
    expect(isP256Key(withByte(26, 2))).toBe(false);
    expect(isP256Key(withByte(90, (own[90] ?? 0) ^ 1))).toBe(false);
    expect(isP256Key(Uint8Array.from([...own.subarray(0, 27), ...new Uint8Array(64).fill(0xff)]))).toBe(false);
  });
});
