import { concatBytes, fromUtf8 } from "../encoding/bytes.ts";
import { canonicalJsonBytes } from "../encoding/canonical-json.ts";
import { type Sha256, sha256Hex } from "../encoding/sha256.ts";
import { Failure } from "../failure.ts";
import { decodeBundle, encodeBundle } from "./entry-bundle.ts";
import { type CompactRange, decodeRange, encodeRangeHashes, leafHash } from "./merkle.ts";
import type { BatchRef } from "./sequencer-ports.ts";
import { tileWidth } from "./tiles.ts";

/** A fact in its final bytes, with the id by which it is told apart and its leaf hash. */
export interface HashedEntry {
  readonly id: string;
  readonly bytes: Uint8Array;
  readonly leaf: Uint8Array;
}

/** The entry `bytes` of the fact `id`, hashed once for all that follows. */
export function hashedEntry(id: string, bytes: Uint8Array): HashedEntry {
  return { id, bytes, leaf: leafHash(bytes) };
}

/** Entries that are given consecutive indices at once, and the tree they are appended to. */
export interface Batch {
  readonly before: CompactRange;
  readonly entries: readonly HashedEntry[];
}

/** How much goes into one batch. */
export interface BatchLimits {
  /** At most 256. */
  readonly records: number;
  /** Bytes of entries and ids; a single larger entry is still taken. 350,000 fit one DynamoDB item of 400 KB. */
  readonly bytes: number;
}

// What an entry costs in the stored batch beside its bytes and its id: two of length, and the JSON around the id.
const overheadBytes = 8;

/**
 * The first of `pending` that make the next batch of a tree of `size` entries. Never beyond the end of the open bundle:
 * so under load each batch fills one, which costs the fewest writes.
 */
export function cutBatch(pending: readonly HashedEntry[], size: number, limits: BatchLimits): readonly HashedEntry[] {
  const room = Math.min(limits.records, tileWidth - (size % tileWidth));
  let bytes = 0;
  let count = 0;
  for (const { id, bytes: entry } of pending.slice(0, room)) {
    bytes += entry.length + id.length + overheadBytes;
    if (count > 0 && bytes > limits.bytes) break;
    count += 1;
  }
  return pending.slice(0, count);
}

/** The bytes of a batch as they are stored: length of a JSON head (uint32), the head, hashes of the tree before, the entries as a bundle. */
export function encodeBatch(batch: Batch): { readonly ref: BatchRef; readonly bytes: Uint8Array } {
  const head = canonicalJsonBytes({
    size: batch.before.size,
    hashes: batch.before.hashes.length,
    ids: batch.entries.map(({ id }) => id),
  });
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, head.length);
  const bytes = concatBytes([
    length,
    head,
    encodeRangeHashes(batch.before),
    encodeBundle(batch.entries.map(({ bytes }) => bytes)),
  ]);
  return { ref: { id: sha256Hex(bytes), firstIndex: batch.before.size, count: batch.entries.length }, bytes };
}

/** Reads a stored batch; throws `ledger-invalid` where it is not the one that `ref` means. */
export function decodeBatch(ref: BatchRef, bytes: Uint8Array | undefined): Batch {
  if (bytes === undefined) throw invalid(ref.id, "is missing");
  if (sha256Hex(bytes) !== ref.id) throw invalid(ref.id, "does not have the bytes of its name");
  const headEnd = 4 + new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(0);
  const head = headOf(ref.id, JSON.parse(fromUtf8(bytes.subarray(4, headEnd))));
  const rangeEnd = headEnd + 32 * head.hashes;
  if (head.size !== ref.firstIndex || head.ids.length !== ref.count)
    throw invalid(ref.id, "is not where the state says");
  const entries = decodeBundle(bytes.subarray(rangeEnd), ref.count);
  return {
    before: decodeRange(head.size, bytes.subarray(headEnd, rangeEnd)),
    entries: entries.map((entry, at) => hashedEntry(head.ids[at] ?? "", entry)),
  };
}

function headOf(
  id: Sha256,
  value: unknown,
): { readonly size: number; readonly hashes: number; readonly ids: readonly string[] } {
  if (typeof value === "object" && value !== null && "size" in value && "hashes" in value && "ids" in value) {
    const { size, hashes, ids } = value;
    if (typeof size === "number" && typeof hashes === "number" && Array.isArray(ids)) {
      return { size, hashes, ids: ids.map(String) };
    }
  }
  throw invalid(id, "has a head that nobody wrote");
}

function invalid(id: Sha256, what: string): Failure {
  return new Failure("ledger-invalid", `The batch ${id} ${what}.`);
}
