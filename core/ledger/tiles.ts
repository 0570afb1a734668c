import { Failure } from "../failure.ts";
import { isTreeSize } from "./merkle.ts";

// Where a tiled log keeps what: https://c2sp.org/tlog-tiles

/** Hashes in a full tile, entries in a full bundle. */
export const tileWidth = 256;

/** The one object of the log that changes: the latest signed checkpoint. */
export const checkpointPath = "checkpoint";

/** Content types of tlog-tiles. */
export const tileContentType = "application/octet-stream";
export const checkpointContentType = "text/plain; charset=utf-8";

/** One tile of the tree (`level` 0 holds leaf hashes) or one bundle of entries; `width` is below 256 while partial. */
export type TileName =
  | { readonly kind: "tile"; readonly level: number; readonly index: number; readonly width: number }
  | { readonly kind: "entries"; readonly index: number; readonly width: number };

/** Reads one object of the log by its path; `undefined` where there is none. */
export type ReadObject = (path: string) => Promise<Uint8Array | undefined>;

/** An object of the log as it is written: once, never changed. */
export interface LedgerObject {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Path of tile `index` at `level`, full unless `width` says less: `tile/0/x001/234.p/17`. */
export function tilePath(level: number, index: number, width: number = tileWidth): string {
  if (!Number.isInteger(level) || level < 0 || level > 63) {
    throw new Failure("internal", `A tile's level is 0 to 63, not ${level}.`);
  }
  return `tile/${level}/${indexPath(index)}${partialSuffix(width)}`;
}

/** Path of the bundle with entries `256 × index` and up, full unless `width` says less. */
export function entriesPath(index: number, width: number = tileWidth): string {
  return `tile/entries/${indexPath(index)}${partialSuffix(width)}`;
}

/** Path under which the checkpoint of a tree of `size` entries is kept for good. Not part of tlog-tiles. */
export function keptCheckpointPath(size: number): string {
  return `checkpoints/${size}`;
}

/** Reads a path that `tilePath` or `entriesPath` would write; `undefined` for every other spelling. */
export function parseTilePath(path: string): TileName | undefined {
  const match =
    /^tile\/(?<level>entries|0|[1-9]\d?)\/(?<index>(?:x\d{3}\/)*\d{3})(?:\.p\/(?<width>[1-9]\d{0,2}))?$/.exec(path);
  const { level, index, width } = match?.groups ?? {};
  if (level === undefined || index === undefined) return undefined;
  const number = Number(index.replaceAll(/[x/]/g, ""));
  const name: TileName =
    level === "entries"
      ? { kind: "entries", index: number, width: Number(width ?? tileWidth) }
      : { kind: "tile", level: Number(level), index: number, width: Number(width ?? tileWidth) };
  // One spelling only: no superfluous groups of zeroes, no `.p/256`, no level above 63.
  if (!isTreeSize(number) || name.width > tileWidth || (name.kind === "tile" && name.level > 63)) return undefined;
  return pathOf(name) === path ? name : undefined;
}

/** The path of a tile or bundle. */
export function pathOf(name: TileName): string {
  return name.kind === "tile" ? tilePath(name.level, name.index, name.width) : entriesPath(name.index, name.width);
}

/** How many hashes there are at a tile `level` in a tree of `size` entries: the roots of full tiles below count, no others. */
export function hashesAtLevel(level: number, size: number): number {
  return Math.floor(size / tileWidth ** level);
}

/** How wide tile `index` at `level` is in a tree of `size` entries; 0 where there is no such tile. */
export function widthAt(level: number, index: number, size: number): number {
  return Math.max(0, Math.min(tileWidth, hashesAtLevel(level, size) - index * tileWidth));
}

function indexPath(index: number): string {
  if (!isTreeSize(index)) throw new Failure("internal", `${index} cannot be the index of a tile.`);
  const digits = String(index);
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, "0");
  const groups = padded.match(/\d{3}/g) ?? [];
  return groups.map((group, at) => (at === groups.length - 1 ? group : `x${group}`)).join("/");
}

function partialSuffix(width: number): string {
  if (!Number.isInteger(width) || width < 1 || width > tileWidth) {
    throw new Failure("internal", `A tile is 1 to ${tileWidth} wide, not ${width}.`);
  }
  return width === tileWidth ? "" : `.p/${width}`;
}
