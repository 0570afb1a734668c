import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { decodeBundle, encodeBundle, maxEntryBytes } from "../../../core/ledger/entry-bundle.ts";
import { entriesPath, hashesAtLevel, parseTilePath, pathOf, tilePath, widthAt } from "../../../core/ledger/tiles.ts";

describe("the path of a tile", () => {
  it.each([
    [tilePath(0, 0), "tile/0/000"],
    [tilePath(0, 1_234_067), "tile/0/x001/x234/067"],
    [tilePath(1, 999), "tile/1/999"],
    [tilePath(1, 1000), "tile/1/x001/000"],
    [tilePath(63, 5, 17), "tile/63/005.p/17"],
    [entriesPath(1_234_067, 255), "tile/entries/x001/x234/067.p/255"],
    [entriesPath(0, 256), "tile/entries/000"],
  ])("%s is spelt as tlog-tiles does", (path, expected) => {
    expect(path).toBe(expected);
  });

  it("reads back as what it names", () => {
    const index = fc.maxSafeNat();
    const width = fc.integer({ min: 1, max: 256 });
    const tile = fc.record({ kind: fc.constant("tile" as const), level: fc.nat({ max: 63 }), index, width });
    const entries = fc.record({ kind: fc.constant("entries" as const), index, width });
    fc.assert(
      fc.property(fc.oneof(tile, entries), (name) => {
        expect(parseTilePath(pathOf(name))).toEqual(name);
      }),
    );
  });

  it.each([
    "tile/0",
    "tile/0/0",
    "tile/0/1000",
    "tile/00/000",
    "tile/64/000",
    "tile/-1/000",
    "tile/0/x000/000",
    "tile/0/001/000",
    "tile/0/x001",
    "tile/0/000.p/0",
    "tile/0/000.p/256",
    "tile/0/000.p/01",
    "tile/0/000.p/",
    "tile/data/000",
    "/tile/0/000",
    "tile/0/000/",
    "tile/0/x999/x999/x999/x999/x999/999",
  ])("is not %s", (path) => {
    expect(parseTilePath(path)).toBeUndefined();
  });

  it("refuses levels, indices and widths that there are not", () => {
    for (const wrong of [
      () => tilePath(64, 0),
      () => tilePath(0, -1),
      () => tilePath(0, 0, 0),
      () => tilePath(0, 0, 257),
    ]) {
      expect(wrong).toThrow(expect.objectContaining({ code: "internal" }));
    }
  });
});

it("cuts a tree of 70,000 entries into tiles as the specification tells", () => {
  expect([0, 1, 2, 3].map((level) => hashesAtLevel(level, 70_000))).toEqual([273 * 256 + 112, 256 + 17, 1, 0]);
  expect([widthAt(0, 273, 70_000), widthAt(1, 1, 70_000), widthAt(2, 0, 70_000)]).toEqual([112, 17, 1]);
  expect([widthAt(0, 272, 70_000), widthAt(0, 274, 70_000)]).toEqual([256, 0]);
});

describe("an entry bundle", () => {
  it("has the length before each entry, the larger byte first", () => {
    const bundle = encodeBundle([utf8("ab"), new Uint8Array(), new Uint8Array(258)]);
    expect([...bundle.subarray(0, 8)]).toEqual([0, 2, 0x61, 0x62, 0, 0, 1, 2]);
    expect(bundle).toHaveLength(2 + 2 + 2 + 2 + 258);
  });

  it("reads back as it was written", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 256 }), (entries) => {
        expect(decodeBundle(encodeBundle(entries), entries.length)).toEqual(entries);
      }),
    );
  });

  it("takes the longest entry there can be, and none longer", () => {
    const longest = new Uint8Array(maxEntryBytes).fill(7);
    expect(decodeBundle(encodeBundle([longest]), 1)).toEqual([longest]);
    expect(() => encodeBundle([new Uint8Array(maxEntryBytes + 1)])).toThrow("longer than the 65535 allowed");
  });

  it("is refused when cut off, too long or too short", () => {
    const bundle = encodeBundle([utf8("one"), utf8("two")]);
    expect(() => decodeBundle(bundle.subarray(0, -1), 2)).toThrow("ends in the middle of an entry");
    expect(() => decodeBundle(bundle.subarray(0, -4), 2)).toThrow("ends in the middle of an entry");
    expect(() => decodeBundle(bundle, 1)).toThrow("more than its 1 entries");
    expect(() => decodeBundle(bundle, 3)).toThrow("2 entries instead of 3");
    expect(() => decodeBundle(bundle, 257)).toThrow("256 entries at most");
  });
});
