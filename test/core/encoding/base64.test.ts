import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { base64, base64url, fromBase64, fromBase64url } from "../../../core/encoding/base64.ts";
import { fromUtf8, utf8 } from "../../../core/encoding/bytes.ts";

const refusal = expect.objectContaining({ code: "invalid-request" });

describe("base64", () => {
  // RFC 4648 section 10
  it.each([
    ["", ""],
    ["f", "Zg=="],
    ["fo", "Zm8="],
    ["foo", "Zm9v"],
    ["foob", "Zm9vYg=="],
    ["fooba", "Zm9vYmE="],
    ["foobar", "Zm9vYmFy"],
  ])("of %j is %j", (text, encoded) => {
    expect(base64(utf8(text))).toBe(encoded);
    expect(fromUtf8(fromBase64(encoded))).toBe(text);
    expect(base64url(utf8(text))).toBe(encoded.replaceAll("=", ""));
    expect(fromUtf8(fromBase64url(encoded.replaceAll("=", "")))).toBe(text);
  });

  it("reads back as it was written, in both alphabets", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(fromBase64(base64(bytes))).toEqual(bytes);
        expect(fromBase64url(base64url(bytes))).toEqual(bytes);
      }),
    );
  });

  it("of a part of a larger buffer is that part only", () => {
    expect(base64(utf8("xfoox").subarray(1, 4))).toBe("Zm9v");
  });

  it.each([
    ["without its padding", "Zg"],
    ["with too much padding", "Zg==="],
    ["with bits that stand for nothing", "Zh=="],
    ["of the other alphabet", "-_-_"],
    ["with a line break", "Zm9v\n"],
    ["with a space", "Zm 9v"],
    ["with anything else", "Zm9v!"],
    ["that goes on after its end", "Zg==Zg=="],
  ])("%s is refused: one text for the same bytes", (_, text) => {
    expect(() => fromBase64(text)).toThrow(refusal);
  });

  it.each([
    ["with padding", "Zg=="],
    ["with bits that stand for nothing", "Zh"],
    ["of the other alphabet", "+/+/"],
    ["of an impossible length", "Z"],
    ["with a line break", "Zm9v\n"],
  ])("for URLs %s is refused", (_, text) => {
    expect(() => fromBase64url(text)).toThrow(refusal);
  });

  it("takes no second spelling of anything", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."ABab01+/-_= \n"), maxLength: 12 }), (text) => {
        for (const [read, write] of [
          [fromBase64, base64],
          [fromBase64url, base64url],
        ] as const) {
          let bytes: Uint8Array;
          try {
            bytes = read(text);
          } catch {
            continue;
          }
          expect(write(bytes)).toBe(text);
        }
      }),
    );
  });
});
