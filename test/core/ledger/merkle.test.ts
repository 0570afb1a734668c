import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHex, hex, utf8 } from "../../../core/encoding/bytes.ts";
import { Failure } from "../../../core/failure.ts";
import {
  appendToRange,
  decodeRange,
  emptyRange,
  encodeRangeHashes,
  leafHash,
  merkleRoot,
  nodeHash,
  rangeRoot,
} from "../../../core/ledger/merkle.ts";
import { testLeaves, testRoots } from "./reference-tree.ts";

/** RFC 6962 section 2.1, word for word. */
function treeHash(leaves: readonly Uint8Array[]): Uint8Array {
  const [only] = leaves;
  if (leaves.length === 1 && only !== undefined) return only;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return nodeHash(treeHash(leaves.slice(0, split)), treeHash(leaves.slice(split)));
}

const someLeaves = (count: number) => Array.from({ length: count }, (_, i) => leafHash(utf8(`entry ${i}`)));

describe("the Merkle tree of RFC 6962", () => {
  it("has the roots of the Certificate Transparency test tree at every size", () => {
    for (const [size, root] of testRoots.entries()) expect(hex(merkleRoot(testLeaves.slice(0, size)))).toBe(root);
  });

  it("has the root that the RFC's recursion gives, at any size", () => {
    for (let size = 1; size <= 130; size += 1) {
      expect(hex(merkleRoot(someLeaves(size)))).toBe(hex(treeHash(someLeaves(size))));
    }
  });

  it("tells a leaf from a node with the same bytes", () => {
    const [left, right] = [leafHash(utf8("a")), leafHash(utf8("b"))];
    expect(leafHash(Uint8Array.of(...left, ...right))).not.toEqual(nodeHash(left, right));
  });
});

describe("the compact range", () => {
  it("has the roots of the Certificate Transparency test tree, appended one by one", () => {
    let range = emptyRange;
    for (const [size, root] of testRoots.entries()) {
      expect(hex(rangeRoot(range))).toBe(root);
      range = appendToRange(range, testLeaves.slice(size, size + 1));
    }
  });

  it("comes to the same root however the leaves are cut into appends", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 40 }), { maxLength: 12 }), (cuts) => {
        const leaves = someLeaves(cuts.reduce((sum, cut) => sum + cut, 0));
        let range = emptyRange;
        for (const cut of cuts) range = appendToRange(range, leaves.slice(range.size, range.size + cut));
        expect(range.size).toBe(leaves.length);
        expect(hex(rangeRoot(range))).toBe(hex(merkleRoot(leaves)));
      }),
    );
  });

  it("leaves the range it was appended to as it was", () => {
    const before = appendToRange(emptyRange, someLeaves(3));
    const root = hex(rangeRoot(before));
    appendToRange(before, someLeaves(9));
    expect(hex(rangeRoot(before))).toBe(root);
  });

  it("goes on where it was after being stored and read", () => {
    const range = appendToRange(emptyRange, someLeaves(300));
    expect(decodeRange(range.size, encodeRangeHashes(range))).toEqual(range);
    expect(encodeRangeHashes(range)).toHaveLength(4 * 32);
  });

  it("refuses hashes that do not fit the size", () => {
    const hashes = encodeRangeHashes(appendToRange(emptyRange, someLeaves(3)));
    for (const size of [0, 1, 2, 4, 7, -3, 3.5]) {
      expect(() => decodeRange(size, hashes)).toThrow(Failure);
    }
    expect(() => decodeRange(3, hashes.subarray(1))).toThrow("does not fit a tree of 3 entries");
  });

  it("counts beyond 32 bits", () => {
    // 2^40 + 1 leaves: one perfect subtree and a single leaf.
    const [subtree, leaf, next] = [leafHash(utf8("subtree")), leafHash(utf8("leaf")), leafHash(utf8("next"))];
    const range = appendToRange({ size: 2 ** 40, hashes: [subtree] }, [leaf]);
    expect(range).toEqual({ size: 2 ** 40 + 1, hashes: [subtree, leaf] });
    expect(appendToRange(range, [next]).hashes).toEqual([subtree, nodeHash(leaf, next)]);
  });
});

it("hashes an entry as published", () => {
  // RFC 6962 section 2.1: the hash of one leaf is SHA-256(0x00 || d); here of the empty leaf.
  expect(hex(leafHash(new Uint8Array()))).toBe("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
  expect(leafHash(fromHex("00"))).toHaveLength(32);
});
