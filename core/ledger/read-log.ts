import { Failure } from "../failure.ts";
import { decodeBundle } from "./entry-bundle.ts";
import { splitHashes } from "./merkle.ts";
import { entriesPath, type ReadObject, tilePath, tileWidth, widthAt } from "./tiles.ts";

/**
 * The entries from `first`, a multiple of 256, to the end of their bundle in a log of `size` entries. Throws
 * `ledger-invalid` where the bundle is not there or cannot be read.
 */
export async function readEntries(first: number, size: number, read: ReadObject): Promise<readonly Uint8Array[]> {
  const index = first / tileWidth;
  const width = widthAt(0, index, size);
  const path = entriesPath(index, width);
  const bundle = await read(path);
  if (bundle === undefined) throw new Failure("ledger-invalid", `The ledger lacks ${path}.`);
  return decodeBundle(bundle, width);
}

/** The leaf hashes at these indices of a log of `size` entries, by index; those that are not there are left out. */
export async function readLeaves(
  indices: readonly number[],
  size: number,
  read: ReadObject,
): Promise<ReadonlyMap<number, Uint8Array>> {
  const found = new Map<number, Uint8Array>();
  const byTile = Map.groupBy(indices, (index) => Math.floor(index / tileWidth));
  for (const [tile, wanted] of byTile) {
    const width = widthAt(0, tile, size);
    const hashes = width === 0 ? undefined : await read(tilePath(0, tile, width));
    if (hashes === undefined) continue;
    const leaves = splitHashes(hashes);
    for (const index of wanted) {
      const leaf = leaves[index % tileWidth];
      if (leaf !== undefined) found.set(index, leaf);
    }
  }
  return found;
}
