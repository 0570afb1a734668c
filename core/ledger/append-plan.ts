import { concatBytes, equalBytes } from "../encoding/bytes.ts";
import { Failure } from "../failure.ts";
import { decodeBundle, encodeBundle } from "./entry-bundle.ts";
import {
  appendToRange,
  type CompactRange,
  emptyRange,
  hashLength,
  leafHash,
  merkleRoot,
  splitHashes,
} from "./merkle.ts";
import { entriesPath, hashesAtLevel, type LedgerObject, type ReadObject, tilePath, tileWidth } from "./tiles.ts";

/** What stands at the right edge of a tree and an append continues. */
export interface OpenEdge {
  readonly before: CompactRange;
  /** The bytes of the open entry bundle; empty at a multiple of 256. */
  readonly bundle: Uint8Array;
  /** Per tile level the hashes of its open tile; only the levels that the append reaches. */
  readonly levels: readonly (readonly Uint8Array[])[];
}

/** What an append writes, and the tree after it. */
export interface AppendPlan {
  readonly objects: readonly LedgerObject[];
  readonly after: CompactRange;
}

/**
 * Reads the partial bundle and tiles of the tree `before` that an append of `count` entries continues, and holds each
 * against the compact range, so that nothing is built on a damaged one. Throws `ledger-invalid` where one is missing
 * or does not hash to the range.
 */
export async function readOpenEdge(before: CompactRange, count: number, read: ReadObject): Promise<OpenEdge> {
  const width = before.size % tileWidth;
  const bundle = width === 0 ? new Uint8Array() : await must(read, entriesPath(bundleIndex(before.size), width));
  const levels: (readonly Uint8Array[])[] = [decodeBundle(bundle, width).map(leafHash)];
  for (let level = 1; reaches(level, before.size, count); level += 1) {
    const hashes = hashesAtLevel(level, before.size);
    const open = hashes % tileWidth;
    const path = tilePath(level, Math.floor(hashes / tileWidth), open || tileWidth);
    levels.push(open === 0 ? [] : exactly(open, splitHashes(await must(read, path)), path));
  }
  for (const [level, hashes] of levels.entries()) checkAgainstRange(before, level, hashes);
  return { before, bundle, levels };
}

/**
 * The objects that appending `entries` to a tree writes: every bundle and tile that it fills, and each open one once,
 * in its last width. Pure.
 */
export function planAppend(
  edge: OpenEdge,
  entries: readonly { readonly bytes: Uint8Array; readonly leaf: Uint8Array }[],
): AppendPlan {
  const objects: LedgerObject[] = [];
  const { size } = edge.before;
  const end = size + entries.length;

  for (let at = size; at < end; ) {
    const index = bundleIndex(at);
    const stop = Math.min(end, (index + 1) * tileWidth);
    const added = encodeBundle(entries.slice(at - size, stop - size).map(({ bytes }) => bytes));
    const bytes = at % tileWidth === 0 ? added : concatBytes([edge.bundle, added]);
    objects.push({ path: entriesPath(index, stop - index * tileWidth), bytes });
    at = stop;
  }

  const leaves = entries.map(({ leaf }) => leaf);
  let added: readonly Uint8Array[] = leaves;
  for (let level = 0; added.length > 0; level += 1) {
    const open = edge.levels[level];
    if (open === undefined) throw new Failure("internal", `The edge was read without its level ${level}.`);
    const first = hashesAtLevel(level, size) - open.length;
    const hashes = [...open, ...added];
    const above: Uint8Array[] = [];
    for (let at = 0; at < hashes.length; at += tileWidth) {
      const tile = hashes.slice(at, at + tileWidth);
      objects.push({ path: tilePath(level, (first + at) / tileWidth, tile.length), bytes: concatBytes(tile) });
      if (tile.length === tileWidth) above.push(merkleRoot(tile));
    }
    added = above;
  }
  return { objects, after: appendToRange(edge.before, leaves) };
}

/** The hashes of `range` that stand for its open tile at `level`: the subtrees of 256^level up to 256^(level + 1) leaves. */
function rangeHashesAtLevel(range: CompactRange, level: number): readonly Uint8Array[] {
  const bits = (count: number) => count.toString(2).replaceAll("0", "").length;
  const above = bits(hashesAtLevel(level + 1, range.size));
  return range.hashes.slice(above, bits(hashesAtLevel(level, range.size)));
}

function checkAgainstRange(range: CompactRange, level: number, hashes: readonly Uint8Array[]): void {
  const expected = rangeHashesAtLevel(range, level);
  const found = appendToRange(emptyRange, hashes).hashes;
  if (found.length === expected.length && found.every((hash, at) => equalBytes(hash, expected[at] ?? hash))) return;
  throw new Failure(
    "ledger-invalid",
    `The open tile at level ${level} is not that of the tree of ${range.size} entries.`,
  );
}

function reaches(level: number, size: number, count: number): boolean {
  return hashesAtLevel(level, size + count) > hashesAtLevel(level, size);
}

function bundleIndex(entry: number): number {
  return Math.floor(entry / tileWidth);
}

async function must(read: ReadObject, path: string): Promise<Uint8Array> {
  const bytes = await read(path);
  if (bytes === undefined) throw new Failure("ledger-invalid", `The ledger lacks ${path}.`);
  return bytes;
}

function exactly(count: number, hashes: readonly Uint8Array[], path: string): readonly Uint8Array[] {
  if (hashes.length === count) return hashes;
  throw new Failure(
    "ledger-invalid",
    `${path} is ${hashes.length * hashLength} bytes long instead of ${count * hashLength}.`,
  );
}
