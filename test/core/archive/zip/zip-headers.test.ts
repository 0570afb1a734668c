import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  directoryRowLength,
  isDirectoryHeader,
  isLocalHeader,
  nameLengthOf,
  readRow,
} from "../../../../core/archive/zip/zip-headers.ts";
import {
  directoryHeader,
  localHeader,
  localHeaderLength,
  type ZipEntry,
} from "../../../../core/archive/zip/zip-layout.ts";

const uint32 = fc.nat(0xffff_ffff);
const entry: fc.Arbitrary<ZipEntry> = fc.record({
  name: fc.constantFrom("a.txt", "verify.sh", "records/123456.json"),
  // Around the place from which on an offset needs eight bytes.
  offset: fc.oneof(uint32, fc.nat(2 ** 50), fc.constantFrom(0xffff_fffe, 0xffff_ffff, 0x1_0000_0000)),
  size: uint32,
  crc: uint32,
  streamed: fc.boolean(),
});

const flipped = (bytes: Uint8Array, at: number, bit: number) => {
  const copy = bytes.slice();
  copy[at % copy.length] = (copy[at % copy.length] ?? 0) ^ (1 << bit);
  return copy;
};
const bits = fc.tuple(fc.nat(1000), fc.nat(7));

describe("a zip's headers", () => {
  it("say what they were written for, and nothing else", () => {
    fc.assert(
      fc.property(entry, bits, (each, [at, bit]) => {
        const row = directoryHeader(each);
        expect([directoryRowLength(row), nameLengthOf(row)]).toEqual([row.length, each.name.length]);
        expect(readRow(row)).toEqual(each);
        expect(readRow(row, each.name)).toEqual(each);
        expect(isDirectoryHeader(row, each)).toBe(true);
        expect(isDirectoryHeader(flipped(row, at, bit), each)).toBe(false);
        expect(isDirectoryHeader(row.subarray(0, -1), each)).toBe(false);
        expect(isDirectoryHeader(Uint8Array.of(...row, 0), each)).toBe(false);
      }),
    );
  });

  it("stand before an entry's bytes as they were written", () => {
    fc.assert(
      fc.property(entry, bits, (each, [at, bit]) => {
        const header = localHeader(each);
        expect(header).toHaveLength(localHeaderLength + each.name.length);
        expect(isLocalHeader(header, each)).toBe(true);
        expect(isLocalHeader(Uint8Array.of(...header, 1, 2, 3), each)).toBe(true);
        expect(isLocalHeader(flipped(header, at, bit), each)).toBe(false);
        expect(isLocalHeader(header.subarray(0, -1), each)).toBe(false);
      }),
    );
  });
});
