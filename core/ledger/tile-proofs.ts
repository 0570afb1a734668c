import { Failure } from "../failure.ts";
import { appendToRange, type CompactRange, emptyRange, merkleRoot, nodeHash, splitHashes } from "./merkle.ts";
import { consistencySpans, inclusionSpans, type Span } from "./merkle-proofs.ts";
import { hashesAtLevel, type ReadObject, tilePath, tileWidth, widthAt } from "./tiles.ts";

/** So many tiles are kept: proofs of entries in rising order read the same few again and again. */
const tilesKept = 64;

/** Proves from the tiles of one tree; for entries in rising order each tile is read once. Throws `ledger-invalid` where a tile is missing or short. */
export interface TileProver {
  /** Inclusion proof of entry `index`, from the leaf's sibling upwards. */
  readonly inclusion: (index: number) => Promise<readonly Uint8Array[]>;
  /** Consistency proof from the tree of `oldSize` entries. */
  readonly consistency: (oldSize: number) => Promise<readonly Uint8Array[]>;
  /** The compact range of the first `size` entries; its root is the tree's at that size. */
  readonly range: (size: number) => Promise<CompactRange>;
}

/** A prover over the tree of `size` entries, which must be one that a checkpoint was published for. */
export function proveFromTiles(size: number, read: ReadObject): TileProver {
  const tiles = new Map<string, Promise<readonly Uint8Array[]>>();
  const tile = (level: number, index: number): Promise<readonly Uint8Array[]> => {
    const key = `${level}/${index}`;
    const known = tiles.get(key) ?? readTile(level, index, size, read);
    // The map keeps its order: what was used last goes last.
    tiles.delete(key);
    tiles.set(key, known);
    const [oldest] = tiles.keys();
    if (tiles.size > tilesKept && oldest !== undefined) tiles.delete(oldest);
    return known;
  };
  // The perfect subtree of 2^height leaves that begins at leaf `begin`.
  const subtree = async (height: number, begin: number): Promise<Uint8Array> => {
    const level = Math.floor(height / 8);
    const first = begin / tileWidth ** level;
    const hashes = await tile(level, Math.floor(first / tileWidth));
    const at = first % tileWidth;
    return merkleRoot(hashes.slice(at, at + 2 ** (height % 8)));
  };
  const spanHash = async (span: Span): Promise<Uint8Array> => {
    const hashes = await Promise.all(perfectSubtrees(span).map(({ height, begin }) => subtree(height, begin)));
    return hashes.reduceRight((right, left) => nodeHash(left, right));
  };
  return {
    inclusion: async (index) => await Promise.all(inclusionSpans(index, size).map(spanHash)),
    consistency: async (oldSize) => await Promise.all(consistencySpans(oldSize, size).map(spanHash)),
    range: async (upTo) => {
      if (upTo > size) throw new Failure("invalid-request", `The log has ${size} entries, not ${upTo}.`);
      const subtrees = perfectSubtrees({ begin: 0, end: upTo });
      return { size: upTo, hashes: await Promise.all(subtrees.map(({ height, begin }) => subtree(height, begin))) };
    },
  };
}

/** The perfect subtrees that make up a span, left to right: spans of a proof begin at a multiple of their rounded-up width. */
function perfectSubtrees({ begin, end }: Span): readonly { readonly height: number; readonly begin: number }[] {
  const subtrees: { height: number; begin: number }[] = [];
  for (let at = begin; at < end; ) {
    let height = 0;
    while (2 ** (height + 1) <= end - at) height += 1;
    subtrees.push({ height, begin: at });
    at += 2 ** height;
  }
  return subtrees;
}

async function readTile(level: number, index: number, size: number, read: ReadObject): Promise<readonly Uint8Array[]> {
  const width = widthAt(level, index, size);
  const path = tilePath(level, index, width);
  // A partial tile may have been removed once the full one was there (tlog-tiles, 'Partial Tiles').
  const bytes = (await read(path)) ?? (width < tileWidth ? await read(tilePath(level, index)) : undefined);
  if (bytes === undefined) throw new Failure("ledger-invalid", `The ledger lacks ${path}.`);
  const hashes = splitHashes(bytes);
  if (hashes.length !== width && hashes.length !== tileWidth) {
    throw new Failure("ledger-invalid", `${path} holds ${hashes.length} hashes instead of ${width}.`);
  }
  return hashes.slice(0, width);
}

/**
 * What going on from the first `bundles` full bundles needs of the tree of `size` entries: their compact range, and per
 * level from 1 up the hashes of the tile that is open there. The two come from the same tiles, so both hold where the
 * tree built on them has a root that is trusted.
 */
export async function readOpenTiles(
  size: number,
  bundles: number,
  read: ReadObject,
): Promise<{ readonly start: CompactRange; readonly openAbove: readonly (readonly Uint8Array[])[] }> {
  const openAbove: (readonly Uint8Array[])[] = [];
  let start: CompactRange = { size: bundles * tileWidth, hashes: [] };
  for (let level = 1; hashesAtLevel(level, start.size) > 0; level += 1) {
    const hashes = hashesAtLevel(level, start.size);
    const open = hashes % tileWidth;
    const tile = open === 0 ? [] : await readTile(level, Math.floor(hashes / tileWidth), size, read);
    openAbove.push(tile.slice(0, open));
    start = { ...start, hashes: [...appendToRange(emptyRange, tile.slice(0, open)).hashes, ...start.hashes] };
  }
  return { start, openAbove };
}
