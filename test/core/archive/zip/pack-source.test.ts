import { describe, expect, it } from "vitest";
import {
  largestDocument,
  memorySource,
  namedSource,
  namesOf,
  readWhole,
  readWholeHashed,
} from "../../../../core/archive/zip/pack-source.ts";
import { utf8 } from "../../../../core/encoding/bytes.ts";
import { sha256Bytes } from "../../../../core/encoding/sha256.ts";
import { collected } from "../memory-pack.ts";

const files = new Map([
  ["a", utf8("one")],
  ["b", utf8("")],
]);
const source = memorySource(files);
/** A pack that says of its one file that it is so large. */
const ofSize = (size: number) => namedSource(["a"], { ...source, sizeOf: () => size });

describe("the files of a pack", () => {
  it("are told by their names, in their rows", async () => {
    expect([...namesOf(source)]).toEqual(["a", "b"]);
    expect(["a", "b", "c"].map(source.rowOf)).toEqual([0, 1, undefined]);
    expect([source.count, source.nameAt(1), source.nameAt(2)]).toEqual([2, "b", ""]);
    expect(["a", "b", "c"].map(source.sizeOf)).toEqual([3, 0, undefined]);
    expect(await collected(source.chunks("a"))).toEqual(utf8("one"));
    expect(await collected(source.chunks("c"))).toEqual(utf8(""));
    expect(source.problems()).toEqual([]);
  });

  it("are read as a whole where they are there, and no larger than a document may be", async () => {
    expect(await readWhole(source, "a")).toEqual(utf8("one"));
    expect(await readWhole(source, "b")).toEqual(utf8(""));
    expect(await readWhole(source, "c")).toBeUndefined();
    expect(await readWhole(ofSize(largestDocument), "a")).toEqual(utf8("one"));
    expect(await readWhole(ofSize(largestDocument + 1), "a")).toBeUndefined();
    expect(await readWhole(source, "a", 3)).toEqual(utf8("one"));
    expect(await readWhole(source, "a", 2)).toBeUndefined();
    expect(largestDocument).toBe(67_108_864);
  });

  it("are read with their digests, by whoever computes them anyway, or here", async () => {
    expect(await readWholeHashed(source, "a")).toEqual({ bytes: utf8("one"), sha256: sha256Bytes(utf8("one")) });
    expect(await readWholeHashed(source, "c")).toBeUndefined();
    expect(await readWholeHashed(ofSize(largestDocument), "a")).toBeDefined();
    expect(await readWholeHashed(ofSize(largestDocument + 1), "a")).toBeUndefined();
    const known = { bytes: utf8("one"), sha256: utf8("its digest") };
    expect(await readWholeHashed({ ...source, readHashed: async () => known }, "a")).toBe(known);
    // Gone since its size was told.
    expect(await readWholeHashed({ ...source, read: async () => undefined }, "a")).toBeUndefined();
  });
});
