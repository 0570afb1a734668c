import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as nodeBase64 from "../../core/encoding/base64.ts";
import * as nodeSha256 from "../../core/encoding/sha256.ts";
import { Failure } from "../../core/failure.ts";
import * as browserBase64 from "../../portal/src/browser/base64.ts";
import * as browserSha256 from "../../portal/src/browser/sha256.ts";

const bytes = fc.uint8Array({ maxLength: 400 });

/** The bytes, or the code with which the text is refused. */
function outcome(decode: (text: string) => Uint8Array, text: string): readonly number[] | string {
  try {
    return [...decode(text)];
  } catch (error) {
    if (error instanceof Failure) return error.code;
    throw error;
  }
}

describe("what stands in for Node in a browser", () => {
  it("offers everything that the files it replaces offer", () => {
    expect(Object.keys(browserSha256).toSorted()).toEqual(Object.keys(nodeSha256).toSorted());
    expect(Object.keys(browserBase64).toSorted()).toEqual(Object.keys(nodeBase64).toSorted());
  });

  it("hashes as Node does, in one part or several", () => {
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 4 }), (parts) => {
        expect(browserSha256.sha256Hex(...parts)).toBe(nodeSha256.sha256Hex(...parts));
        expect([...browserSha256.sha256Bytes(...parts)]).toEqual([...nodeSha256.sha256Bytes(...parts)]);
      }),
    );
  });

  it("hashes 'abc' to the digest of FIPS 180-4", () => {
    const digest = browserSha256.sha256Hex(new TextEncoder().encode("abc"));
    expect(digest).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  });

  it("takes the same texts for digests", () => {
    const texts = fc.oneof(fc.string(), fc.stringMatching(/^[0-9a-fA-F]{63,65}\n?$/));
    fc.assert(fc.property(texts, (text) => browserSha256.isSha256(text) === nodeSha256.isSha256(text)));
  });

  it("writes base64 as Node does, and reads it back", () => {
    fc.assert(
      fc.property(bytes, (value) => {
        expect(browserBase64.base64(value)).toBe(nodeBase64.base64(value));
        expect(browserBase64.base64url(value)).toBe(nodeBase64.base64url(value));
        expect([...browserBase64.fromBase64(browserBase64.base64(value))]).toEqual([...value]);
        expect([...browserBase64.fromBase64url(browserBase64.base64url(value))]).toEqual([...value]);
      }),
    );
  });

  it("refuses every text that Node refuses, and no other", () => {
    const texts = fc.oneof(
      fc.string(),
      fc.stringMatching(/^[A-Za-z0-9+/_=\- \n]{0,12}$/),
      bytes.map(nodeBase64.base64),
    );
    fc.assert(
      fc.property(texts, (text) => {
        expect(outcome(browserBase64.fromBase64, text)).toEqual(outcome(nodeBase64.fromBase64, text));
        expect(outcome(browserBase64.fromBase64url, text)).toEqual(outcome(nodeBase64.fromBase64url, text));
      }),
      { numRuns: 500 },
    );
  });
});
