import { describe, expect, it } from "vitest";
import { keyNumberBytes, spelledKeyNumber } from "../../../core/attestation/key-number.ts";
import { base64url } from "../../../core/encoding/base64.ts";

const coordinate = new Uint8Array(32).fill(7, 1);

describe("a number of a key", () => {
  it.each<[string, string, unknown, string | undefined]>([
    ["of RSA without zeros before it", "RSA", base64url(new Uint8Array([0, 0, 1, 0, 1])), "AQAB"],
    ["of RSA that is padded", "RSA", "AQ==", "AQ"],
    ["of RSA in its one spelling", "RSA", "AQAB", "AQAB"],
    ["of RSA that is none but zeros", "RSA", base64url(new Uint8Array(3)), ""],
    ["of a curve in 32 bytes", "EC", base64url(coordinate), base64url(coordinate)],
    [
      "of a curve in 32 bytes where a zero was left out",
      "EC",
      base64url(coordinate.subarray(1)),
      base64url(coordinate),
    ],
    [
      "of a curve in 32 bytes where there were more zeros",
      "EC",
      base64url(new Uint8Array(34).fill(7, 3)),
      base64url(coordinate),
    ],
    [
      "of a curve as it is where it is longer",
      "EC",
      base64url(new Uint8Array(34).fill(7, 1)),
      base64url(new Uint8Array(33).fill(7)),
    ],
    ["of Edwards' curve as it is, but for padding", "OKP", "AAAB=", "AAAB"],
    ["that is none as it is", "RSA", "+/+/", "+/+/"],
    ["that is empty as it is", "EC", "", ""],
    ["that is not there as nothing", "RSA", undefined, undefined],
    ["that is no text as nothing", "OKP", 5, undefined],
  ])("is spelled %s", (_, kty, written, spelled) => {
    expect(spelledKeyNumber(kty, written)).toBe(spelled);
  });

  it("has its bytes, padded or not, and what is none has none", () => {
    expect(keyNumberBytes("AQAB")).toEqual(new Uint8Array([1, 0, 1]));
    expect(keyNumberBytes("AQ==")).toEqual(new Uint8Array([1]));
    for (const none of [undefined, "", "+/+/", "A", "A=Q"]) expect(keyNumberBytes(none)).toBeUndefined();
  });
});
