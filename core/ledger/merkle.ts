import { concatBytes } from "../encoding/bytes.ts";
import { sha256Bytes } from "../encoding/sha256.ts";
import { Failure } from "../failure.ts";

// The Merkle tree of RFC 6962 section 2.1 over SHA-256. https://www.rfc-editor.org/rfc/rfc6962#section-2.1

/** Length of every hash in the tree, in bytes. */
export const hashLength = 32;

// Domain separation between leaves and nodes, without which a node could be shown as a leaf (RFC 6962 section 2.1).
const leafPrefix = Uint8Array.of(0);
const nodePrefix = Uint8Array.of(1);

/** The hash of one entry. */
export function leafHash(entry: Uint8Array): Uint8Array {
  return sha256Bytes(leafPrefix, entry);
}

/** The hash of the node over `left` and `right`. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256Bytes(nodePrefix, left, right);
}

/** The Merkle Tree Hash of the leaves with these hashes; of none, SHA-256 of nothing. */
export function merkleRoot(hashes: readonly Uint8Array[]): Uint8Array {
  let level = hashes;
  while (level.length > 1) {
    const above: Uint8Array[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const left = hashIn(level, i);
      // The odd one out moves up unchanged: that is the split at the largest power of two, seen from below.
      above.push(i + 1 < level.length ? nodeHash(left, hashIn(level, i + 1)) : left);
    }
    level = above;
  }
  return level[0] ?? sha256Bytes();
}

/**
 * All that is needed to append to a tree and to know its root: the roots of its perfect subtrees, largest first,
 * one for each bit set in `size`.
 */
export interface CompactRange {
  readonly size: number;
  readonly hashes: readonly Uint8Array[];
}

/** The tree of no leaves. */
export const emptyRange: CompactRange = { size: 0, hashes: [] };

/** `range` with `leaves` (leaf hashes) appended: O(log n) memory, and one node hash per leaf on average. */
export function appendToRange(range: CompactRange, leaves: Iterable<Uint8Array>): CompactRange {
  const hashes = [...range.hashes];
  let size = range.size;
  for (const leaf of leaves) {
    let node = leaf;
    for (let rest = size; rest % 2 === 1; rest = (rest - 1) / 2) {
      const left = hashes.pop();
      if (left === undefined) throw inconsistent(range.size);
      node = nodeHash(left, node);
    }
    hashes.push(node);
    size += 1;
  }
  return { size, hashes };
}

/** The root of the whole tree that `range` stands for. */
export function rangeRoot(range: CompactRange): Uint8Array {
  let root: Uint8Array | undefined;
  for (let i = range.hashes.length - 1; i >= 0; i -= 1) {
    const left = hashIn(range.hashes, i);
    root = root === undefined ? left : nodeHash(left, root);
  }
  return root ?? sha256Bytes();
}

/** The hashes of `range` as one run of bytes; with the size, all of it. */
export function encodeRangeHashes(range: CompactRange): Uint8Array {
  return concatBytes(range.hashes);
}

/** The range of `size` leaves from the bytes of its hashes; throws `ledger-invalid` where their number is not that of the size. */
export function decodeRange(size: number, bytes: Uint8Array): CompactRange {
  if (!isTreeSize(size) || bytes.length !== bitsSet(size) * hashLength) throw inconsistent(size);
  return { size, hashes: splitHashes(bytes) };
}

/** Views of the hashes in `bytes`, which must be a multiple of 32 long. */
export function splitHashes(bytes: Uint8Array): readonly Uint8Array[] {
  if (bytes.length % hashLength !== 0) {
    throw new Failure("ledger-invalid", `${bytes.length} bytes are not a whole number of SHA-256 hashes.`);
  }
  const hashes: Uint8Array[] = [];
  for (let i = 0; i < bytes.length; i += hashLength) hashes.push(bytes.subarray(i, i + hashLength));
  return hashes;
}

/** Whether `value` can be the size of a tree or an index: a whole number, not negative, that JavaScript counts exactly. */
export function isTreeSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function bitsSet(size: number): number {
  let bits = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) bits += rest % 2;
  return bits;
}

function hashIn(hashes: readonly Uint8Array[], index: number): Uint8Array {
  const hash = hashes[index];
  if (hash === undefined) throw new Failure("internal", `The Merkle tree has no hash at ${index}.`);
  return hash;
}

function inconsistent(size: number): Failure {
  return new Failure("ledger-invalid", `The compact range does not fit a tree of ${size} entries.`);
}
