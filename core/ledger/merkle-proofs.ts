import { equalBytes } from "../encoding/bytes.ts";
import { sha256Bytes } from "../encoding/sha256.ts";
import { Failure } from "../failure.ts";
import { hashLength, isTreeSize, merkleRoot, nodeHash } from "./merkle.ts";

/** The leaves from `begin` up to, not including, `end`: a proof is the Merkle Tree Hashes of a few such spans. */
export interface Span {
  readonly begin: number;
  readonly end: number;
}

/** The spans whose hashes prove that entry `index` is in the tree of `size` entries, from the leaf's sibling upwards (RFC 6962 section 2.1.1). */
export function inclusionSpans(index: number, size: number): readonly Span[] {
  if (!isTreeSize(index) || !isTreeSize(size) || index >= size) {
    throw new Failure("invalid-request", `There is no entry ${index} in a log of ${size} entries.`);
  }
  const spans: Span[] = [];
  let begin = 0;
  let end = size;
  while (end - begin > 1) {
    const middle = begin + splitOf(end - begin);
    if (index < middle) {
      spans.push({ begin: middle, end });
      end = middle;
    } else {
      spans.push({ begin, end: middle });
      begin = middle;
    }
  }
  return spans.reverse();
}

/**
 * The spans whose hashes prove that the tree of `size` entries begins with the tree of `oldSize` (RFC 6962
 * section 2.1.2). None where the sizes are equal or the old tree is empty: there is nothing to prove.
 */
export function consistencySpans(oldSize: number, size: number): readonly Span[] {
  if (!isTreeSize(oldSize) || !isTreeSize(size) || oldSize > size) {
    throw new Failure("invalid-request", `A log of ${size} entries was never one of ${oldSize}.`);
  }
  if (oldSize === 0) return [];
  const spans: Span[] = [];
  let begin = 0;
  let end = size;
  while (oldSize < end) {
    const middle = begin + splitOf(end - begin);
    if (oldSize <= middle) {
      spans.push({ begin: middle, end });
      end = middle;
    } else {
      spans.push({ begin, end: middle });
      begin = middle;
    }
  }
  // The old tree as a whole is known to the verifier; a subtree of it is not.
  if (begin > 0) spans.push({ begin, end });
  return spans.reverse();
}

/** Inclusion proof of entry `index` in the tree of all `leaves` (leaf hashes). Linear; a large log proves from its tiles. */
export function inclusionProofOf(leaves: readonly Uint8Array[], index: number): readonly Uint8Array[] {
  return inclusionSpans(index, leaves.length).map(({ begin, end }) => merkleRoot(leaves.slice(begin, end)));
}

/** Consistency proof from the first `oldSize` of `leaves` to all of them. Linear; a large log proves from its tiles. */
export function consistencyProofOf(leaves: readonly Uint8Array[], oldSize: number): readonly Uint8Array[] {
  return consistencySpans(oldSize, leaves.length).map(({ begin, end }) => merkleRoot(leaves.slice(begin, end)));
}

/** What an inclusion proof claims. */
export interface InclusionClaim {
  readonly leaf: Uint8Array;
  readonly index: number;
  readonly size: number;
  readonly root: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/** Whether the leaf hash is at `index` in the tree with this size and root (RFC 9162 section 2.1.3.2). */
export function verifyInclusion({ leaf, index, size, root, proof }: InclusionClaim): boolean {
  if (!isTreeSize(index) || !isTreeSize(size) || index >= size || leaf.length !== hashLength) return false;
  let at = index;
  let last = size - 1;
  let hash = leaf;
  for (const sibling of proof) {
    if (last === 0 || sibling.length !== hashLength) return false;
    if (at % 2 === 1 || at === last) {
      hash = nodeHash(sibling, hash);
      while (at % 2 === 0 && at !== 0) {
        at /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    at = Math.floor(at / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && equalBytes(hash, root);
}

/** What a consistency proof claims. */
export interface ConsistencyClaim {
  readonly oldSize: number;
  readonly oldRoot: Uint8Array;
  readonly size: number;
  readonly root: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/** Whether the tree with this size and root begins with the older one (RFC 9162 section 2.1.4.2). */
export function verifyConsistency({ oldSize, oldRoot, size, root, proof }: ConsistencyClaim): boolean {
  if (!isTreeSize(oldSize) || !isTreeSize(size) || oldSize > size) return false;
  if (oldSize === size) return proof.length === 0 && equalBytes(oldRoot, root);
  // Every tree begins with the empty one; its root is still a fixed value.
  if (oldSize === 0) return proof.length === 0 && equalBytes(oldRoot, sha256Bytes());
  let at = oldSize - 1;
  let last = size - 1;
  while (at % 2 === 1) {
    at = (at - 1) / 2;
    last = Math.floor(last / 2);
  }
  // Where the old size is a power of two, its root is the first hash and is left out of the proof.
  const path = at === 0 ? [oldRoot, ...proof] : proof;
  const [first, ...rest] = path;
  if (first === undefined || first.length !== hashLength) return false;
  let oldHash = first;
  let hash = first;
  for (const sibling of rest) {
    if (last === 0 || sibling.length !== hashLength) return false;
    if (at % 2 === 1 || at === last) {
      oldHash = nodeHash(sibling, oldHash);
      hash = nodeHash(sibling, hash);
      while (at % 2 === 0 && at !== 0) {
        at /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    at = Math.floor(at / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && equalBytes(oldHash, oldRoot) && equalBytes(hash, root);
}

/** The largest power of two smaller than `width`, where RFC 6962 splits a tree of `width` leaves. */
function splitOf(width: number): number {
  let split = 1;
  while (split * 2 < width) split *= 2;
  return split;
}
