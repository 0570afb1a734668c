import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHex, hex, utf8 } from "../../../core/encoding/bytes.ts";
import { sha256Bytes } from "../../../core/encoding/sha256.ts";
import { leafHash, merkleRoot } from "../../../core/ledger/merkle.ts";
import {
  consistencyProofOf,
  consistencySpans,
  inclusionProofOf,
  inclusionSpans,
  verifyConsistency,
  verifyInclusion,
} from "../../../core/ledger/merkle-proofs.ts";
import { codeOf } from "../refusal.ts";
import { testConsistencies, testInclusions, testLeaves, testRoots } from "./reference-tree.ts";

const leaves = Array.from({ length: 80 }, (_, i) => leafHash(utf8(`entry ${i}`)));
const roots = [...Array(leaves.length + 1).keys()].map((size) => merkleRoot(leaves.slice(0, size)));
const rootOf = (size: number) => roots[size] ?? new Uint8Array();
const leafOf = (index: number) => leaves[index] ?? new Uint8Array();
const flipped = (hash: Uint8Array, bit: number) =>
  hash.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));

/** Every way to spoil a proof by a little: one bit, one hash more, fewer, or two in the wrong order. */
function spoilt(proof: readonly Uint8Array[], at: number): readonly (readonly Uint8Array[])[] {
  const extra = sha256Bytes(utf8("extra"));
  const damaged = proof.map((hash, i) => (i === at % proof.length ? flipped(hash, at % 256) : hash));
  const [first, second, ...rest] = proof;
  return [
    [...proof, extra],
    [extra, ...proof],
    ...(proof.length > 0 ? [damaged, proof.slice(1), proof.slice(0, -1)] : []),
    ...(first && second ? [[second, first, ...rest]] : []),
    ...(first ? [[first.subarray(1), ...proof.slice(1)]] : []),
  ];
}

describe("inclusion proofs", () => {
  it.each(testInclusions)(
    "are those of the Certificate Transparency test tree: $index of $size",
    ({ index, size, proof }) => {
      const made = inclusionProofOf(testLeaves.slice(0, size), index);
      expect(made.map(hex)).toEqual(proof);
      const claim = { leaf: testLeaves[index] ?? new Uint8Array(), index, size, root: fromHex(testRoots[size] ?? "") };
      expect(verifyInclusion({ ...claim, proof: proof.map(fromHex) })).toBe(true);
    },
  );

  it("verify for every entry of every tree, and for no other index or size of the same shape", () => {
    for (let size = 1; size <= 40; size += 1) {
      for (let index = 0; index < size; index += 1) {
        const proof = inclusionProofOf(leaves.slice(0, size), index);
        const claim = { leaf: leafOf(index), index, size, root: rootOf(size), proof };
        expect(verifyInclusion(claim)).toBe(true);
        for (const other of [index - 1, index + 1, index ^ 2]) {
          expect(verifyInclusion({ ...claim, index: other })).toBe(false);
        }
        expect(verifyInclusion({ ...claim, leaf: leafOf(index + 1) })).toBe(false);
        expect(verifyInclusion({ ...claim, root: rootOf(size + 1) })).toBe(false);
      }
    }
  });

  it("do not verify when anything in them was changed", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 80 }), fc.nat(), fc.nat({ max: 255 }), (size, pick, at) => {
        const index = pick % size;
        const claim = { leaf: leafOf(index), index, size, root: rootOf(size) };
        for (const proof of spoilt(inclusionProofOf(leaves.slice(0, size), index), at)) {
          expect(verifyInclusion({ ...claim, proof })).toBe(false);
        }
      }),
    );
  });

  it("cannot be made for an entry that is not there", () => {
    expect(() => inclusionSpans(8, 8)).toThrow("There is no entry 8 in a log of 8 entries.");
    expect(() => inclusionSpans(-1, 8)).toThrow("There is no entry -1");
  });

  it("refuse indices that are no whole numbers", () => {
    for (const index of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(verifyInclusion({ leaf: leafOf(0), index, size: 1, root: rootOf(1), proof: [] })).toBe(false);
    }
  });

  it("are cut for trees beyond 32 bits", () => {
    const spans = inclusionSpans(2 ** 40, 2 ** 40 + 2);
    expect(spans).toEqual([
      { begin: 2 ** 40 + 1, end: 2 ** 40 + 2 },
      { begin: 0, end: 2 ** 40 },
    ]);
  });
});

describe("consistency proofs", () => {
  it.each(testConsistencies)("are those of the Certificate Transparency test tree: $oldSize to $size", (vector) => {
    const { oldSize, size, proof } = vector;
    expect(consistencyProofOf(testLeaves.slice(0, size), oldSize).map(hex)).toEqual(proof);
    const heads = { oldRoot: fromHex(testRoots[oldSize] ?? ""), root: fromHex(testRoots[size] ?? "") };
    expect(verifyConsistency({ oldSize, size, ...heads, proof: proof.map(fromHex) })).toBe(true);
  });

  it("verify between every two sizes, and not with the head of another size", () => {
    for (let size = 0; size <= 40; size += 1) {
      for (let oldSize = 0; oldSize <= size; oldSize += 1) {
        const proof = consistencyProofOf(leaves.slice(0, size), oldSize);
        const claim = { oldSize, oldRoot: rootOf(oldSize), size, root: rootOf(size), proof };
        expect(verifyConsistency(claim)).toBe(true);
        expect(verifyConsistency({ ...claim, oldRoot: rootOf(oldSize + 1) })).toBe(false);
        // From the empty tree there is nothing to prove, whatever the new root.
        if (oldSize > 0) expect(verifyConsistency({ ...claim, root: rootOf(size + 1) })).toBe(false);
      }
    }
  });

  it("do not verify when anything in them was changed", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 80 }), fc.nat(), fc.nat({ max: 255 }), (size, pick, at) => {
        const oldSize = 1 + (pick % size);
        const claim = { oldSize, oldRoot: rootOf(oldSize), size, root: rootOf(size) };
        for (const proof of spoilt(consistencyProofOf(leaves.slice(0, size), oldSize), at)) {
          expect(verifyConsistency({ ...claim, proof })).toBe(false);
        }
      }),
    );
  });

  it("refuse sizes that are none, and trees that shrank", () => {
    const claim = { oldRoot: rootOf(4), root: rootOf(4), proof: [] };
    for (const none of [-1, 0.5, Number.NaN, 2 ** 53]) {
      expect(verifyConsistency({ ...claim, oldSize: none, size: none })).toBe(false);
      expect(verifyConsistency({ ...claim, oldRoot: sha256Bytes(), oldSize: 0, size: none })).toBe(false);
      expect(codeOf(() => consistencySpans(none, 8)).code).toBe("invalid-request");
      expect(codeOf(() => consistencySpans(0, none)).code).toBe("invalid-request");
      expect(codeOf(() => inclusionSpans(0, none)).code).toBe("invalid-request");
    }
    expect(verifyConsistency({ ...claim, oldSize: 5, size: 4 })).toBe(false);
  });

  it("do not show a rewritten log to be the old one", () => {
    const rewritten = leaves.map((leaf, i) => (i === 3 ? leafHash(utf8("another")) : leaf)).slice(0, 9);
    const proof = consistencyProofOf(rewritten, 7);
    const claim = { oldSize: 7, oldRoot: rootOf(7), size: 9, root: merkleRoot(rewritten), proof };
    expect(verifyConsistency(claim)).toBe(false);
  });

  it("do not go backwards", () => {
    expect(verifyConsistency({ oldSize: 3, oldRoot: rootOf(3), size: 2, root: rootOf(2), proof: [] })).toBe(false);
    expect(() => consistencySpans(3, 2)).toThrow("A log of 2 entries was never one of 3.");
  });

  it("hold the empty tree to its one root", () => {
    const claim = { oldSize: 0, oldRoot: rootOf(0), size: 5, root: rootOf(5), proof: [] };
    expect(verifyConsistency(claim)).toBe(true);
    expect(verifyConsistency({ ...claim, oldRoot: rootOf(1) })).toBe(false);
    expect(verifyConsistency({ ...claim, proof: [rootOf(1)] })).toBe(false);
  });
});
