import { equalBytes } from "../encoding/bytes.ts";
import type { LogFinding, LogFindingCode } from "./log-findings.ts";
import { type CompactRange, hashLength, merkleRoot } from "./merkle.ts";
import { hashesAtLevel, type ReadObject, tilePath, tileWidth } from "./tiles.ts";

/** Builds the tree again from leaf hashes and holds each stored tile against it. */
export interface TreeRebuild {
  /** Appends the leaves of one bundle: 256 of them, fewer for the last. */
  readonly addBundle: (leaves: readonly Uint8Array[]) => Promise<void>;
  /** Checks the tiles that are still open after the last bundle. */
  readonly finish: () => Promise<void>;
}

/** What the rebuild works with. */
export interface RebuildInput {
  /** The tree it goes on from, a multiple of 256 large, and per level from 1 up the hashes of its open tile. */
  readonly start: CompactRange;
  readonly openAbove: readonly (readonly Uint8Array[])[];
  readonly read: ReadObject;
  /** Widths of partial objects, by the path of the full one. */
  readonly partials: ReadonlyMap<string, readonly number[]>;
  readonly report: (finding: LogFinding) => void;
}

/** A rebuild that goes on from `start`. Every tile it completes, and each partial of it, is compared once. */
export function rebuildTree({ start, openAbove, read, partials, report }: RebuildInput): TreeRebuild {
  const open: Uint8Array[][] = openAbove.map((hashes) => [...hashes]);
  const next: number[] = openAbove.map((_, above) => Math.floor(hashesAtLevel(above + 1, start.size) / tileWidth));
  let bundle = start.size / tileWidth;

  const checkTile = async (level: number, index: number, hashes: readonly Uint8Array[]): Promise<void> => {
    const path = tilePath(level, index, hashes.length);
    const finding = (code: LogFindingCode, where: string, sentence: string, at?: number) =>
      report({ code, path: where, sentence, ...(at === undefined ? {} : { index: at }) });
    const stored = await read(path);
    if (stored === undefined) finding("tile-missing", path, `The tile ${path} is missing.`);
    else {
      const at = firstDifference(stored, hashes);
      const entry = level === 0 && at !== undefined && at < hashes.length ? index * tileWidth + at : undefined;
      if (entry !== undefined) {
        finding("entry-mismatch", path, `Entry ${entry} does not have the hash that ${path} gives for it.`, entry);
      } else if (at !== undefined) finding("tile-mismatch", path, `${path} is not the tile that its entries make.`);
    }
    for (const width of partials.get(tilePath(level, index)) ?? []) {
      const partial = tilePath(level, index, width);
      if (partial === path) continue;
      const bytes = await read(partial);
      if (bytes !== undefined && firstDifference(bytes, hashes.slice(0, width)) === undefined) continue;
      finding("partial-mismatch", partial, `${partial} is not the beginning of the tile that its entries make.`);
    }
  };

  const addAbove = async (level: number, hash: Uint8Array): Promise<void> => {
    const hashes = open[level - 1] ?? [];
    open[level - 1] = hashes;
    hashes.push(hash);
    if (hashes.length < tileWidth) return;
    const index = next[level - 1] ?? 0;
    next[level - 1] = index + 1;
    open[level - 1] = [];
    await checkTile(level, index, hashes);
    await addAbove(level + 1, merkleRoot(hashes));
  };

  return {
    addBundle: async (leaves) => {
      await checkTile(0, bundle, leaves);
      bundle += 1;
      if (leaves.length === tileWidth) await addAbove(1, merkleRoot(leaves));
    },
    finish: async () => {
      for (const [above, hashes] of open.entries()) {
        if (hashes.length > 0) await checkTile(above + 1, next[above] ?? 0, hashes);
      }
    },
  };
}

/** Where stored hashes and rebuilt ones part; `undefined` where they are the same. */
function firstDifference(stored: Uint8Array, hashes: readonly Uint8Array[]): number | undefined {
  const at = hashes.findIndex((hash, i) => !equalBytes(hash, stored.subarray(i * hashLength, (i + 1) * hashLength)));
  if (at >= 0) return at;
  return stored.length === hashes.length * hashLength ? undefined : hashes.length;
}
