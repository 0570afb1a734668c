import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  concatBytes,
  equalBytes,
  fromHex,
  fromUtf8,
  hex,
  isUtf8Of,
  lastingCopy,
  utf8,
} from "../../../core/encoding/bytes.ts";
import { isSha256, sha256Bytes, sha256Hex } from "../../../core/encoding/sha256.ts";

const refusal = expect.objectContaining({ code: "invalid-request" });

describe("bytes", () => {
  it("become text and come back, a byte order mark included", () => {
    for (const text of ["", "für élise", "\ufeffmark", "😀"]) expect(fromUtf8(utf8(text))).toBe(text);
  });

  it("are each text's own, whichever came before, and however long it is", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.nat({ max: 9_000 }).map((length) => "é".repeat(length)),
    );
    fc.assert(
      fc.property(fc.array(text, { maxLength: 6 }), (texts) => {
        const all = texts.map(utf8);
        expect(all.map(fromUtf8)).toEqual(texts);
      }),
    );
    expect([...utf8("\ud800")]).toEqual([0xef, 0xbf, 0xbd]);
  });

  it("last as a copy, whatever becomes of the first", () => {
    const run = fc.oneof(
      fc.uint8Array(),
      fc.integer({ min: 4_000, max: 70_000 }).map((length) => new Uint8Array(length).fill(7)),
    );
    fc.assert(
      fc.property(fc.array(run, { maxLength: 6 }), (runs) => {
        const before = runs.map((bytes) => bytes.slice());
        const copies = runs.map(lastingCopy);
        for (const bytes of runs) bytes.fill(9);
        for (const [at, copy] of copies.entries()) expect(equalBytes(copy, before[at] ?? copy)).toBe(true);
        expect(copies.length).toBe(before.length);
      }),
      { numRuns: 20 },
    );
  });

  it.each([[[0xff]], [[0xc0, 0x80]], [[0xed, 0xa0, 0x80]], [[0xe2, 0x82]]])("%j are refused as text", (bytes) => {
    expect(() => fromUtf8(Uint8Array.from(bytes))).toThrow(refusal);
  });

  it("read back from hexadecimal", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(hex(bytes)).toBe(Buffer.from(bytes).toString("hex"));
        expect(fromHex(hex(bytes))).toEqual(bytes);
      }),
    );
    for (const text of ["a", "AB", "zz", "0x", " 00"]) expect(() => fromHex(text)).toThrow(refusal);
  });

  it("are put together and compared", () => {
    const parts = fc.array(fc.uint8Array());
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        const [a, b] = [concatBytes(one), concatBytes(other)];
        expect([...a]).toEqual(one.flatMap((part) => [...part]));
        expect(equalBytes(a, b)).toBe(Buffer.compare(a, b) === 0);
        expect(equalBytes(a, a.slice())).toBe(true);
      }),
    );
  });

  it("are told to be a text's or not as if it were encoded", () => {
    const texts = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({ unit: "grapheme" }),
      fc.constant("\ufeffa\ud800"),
    );
    fc.assert(
      fc.property(texts, fc.oneof(fc.uint8Array(), texts.map(utf8)), (text, bytes) => {
        expect(isUtf8Of(bytes, text)).toBe(equalBytes(bytes, utf8(text)));
        expect(isUtf8Of(utf8(text), text)).toBe(true);
      }),
    );
    expect(isUtf8Of(Uint8Array.of(0xff), "\ufffd")).toBe(false);
    expect(isUtf8Of(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61), "a")).toBe(false);
  });
});

describe("SHA-256", () => {
  // FIPS 180-4, the NIST examples
  it.each([
    ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
    ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
    [
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
    ],
    ["a".repeat(1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"],
  ])("has its published digests", (text, digest) => {
    expect(sha256Hex(utf8(text))).toBe(digest);
    expect(hex(sha256Bytes(utf8(text)))).toBe(digest);
    expect(isSha256(digest)).toBe(true);
  });

  it("is that of the whole, however it is cut into parts and however long it is", () => {
    const lengths = fc.array(fc.oneof(fc.nat({ max: 100 }), fc.nat({ max: 70_000 })), { maxLength: 5 });
    fc.assert(
      fc.property(lengths, (cut) => {
        const parts = cut.map((length, i) => new Uint8Array(length).fill(i + 1));
        const whole = sha256Hex(concatBytes(parts));
        expect(sha256Hex(...parts)).toBe(whole);
        expect(hex(sha256Bytes(...parts))).toBe(whole);
      }),
    );
  });

  it("answers digests that later ones leave alone", () => {
    const first = sha256Bytes(utf8("a"), utf8("b"));
    const kept = hex(first);
    sha256Bytes(utf8("c"), utf8("d"));
    expect(hex(first)).toBe(kept);
  });

  it("is told from other text", () => {
    for (const text of ["", "ab", "A".repeat(64), "g".repeat(64), `${"a".repeat(64)}\n`, 7, null]) {
      expect(isSha256(text)).toBe(false);
    }
  });
});
