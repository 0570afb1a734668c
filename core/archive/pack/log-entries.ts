import { Failure } from "../../failure.ts";
import { decodeBundle } from "../../ledger/entry-bundle.ts";
import { entriesPath, hashesAtLevel, type ReadObject, tilePath, tileWidth, widthAt } from "../../ledger/tiles.ts";
import { readRecord } from "../documents/read-record.ts";
import type { IndexedRecord } from "./records-table.ts";

/** Every entry of the log below `size`, in order; one bundle in memory at a time. Throws `ledger-invalid` for a lost one. */
export async function* logEntries(size: number, read: ReadObject): AsyncGenerator<IndexedRecord> {
  for (let bundle = 0; bundle * tileWidth < size; bundle += 1) {
    for (const [at, bytes] of (await readEntries(bundle, size, read)).entries()) {
      yield indexedRecord(bundle * tileWidth + at, bytes);
    }
  }
}

/** So many bundles are kept: promotions that lie in the log side by side read the same ones in turn. */
const bundlesKept = 32;

/** Reads single entries, in rising order best: the bundles that were read last are kept. */
export function entryReader(size: number, read: ReadObject): (index: number) => Promise<IndexedRecord> {
  const kept = new Map<number, Promise<readonly Uint8Array[]>>();
  return async (index) => {
    const bundle = Math.floor(index / tileWidth);
    const entries = kept.get(bundle) ?? readEntries(bundle, size, read);
    // The map keeps its order: what was used last goes last.
    kept.delete(bundle);
    kept.set(bundle, entries);
    const [oldest] = kept.keys();
    if (kept.size > bundlesKept && oldest !== undefined) kept.delete(oldest);
    const bytes = (await entries)[index % tileWidth];
    if (bytes === undefined) throw new Failure("ledger-invalid", `The ledger has no entry ${index}.`);
    return indexedRecord(index, bytes);
  };
}

/** An entry with the record that it is, where it can be read as one. */
export function indexedRecord(index: number, bytes: Uint8Array): IndexedRecord {
  try {
    return { index, bytes, record: readRecord(bytes) };
  } catch (error) {
    if (error instanceof Failure && error.code === "pack-invalid") return { index, bytes, record: undefined };
    throw error;
  }
}

/** The tiles of the tree of `size` entries, and its entry bundles if they are asked for: what a whole copy of the log needs. */
export function* logObjects(size: number, kinds: { readonly entries: boolean }): Generator<string> {
  for (let level = 0; hashesAtLevel(level, size) > 0; level += 1) {
    for (let index = 0; widthAt(level, index, size) > 0; index += 1)
      yield tilePath(level, index, widthAt(level, index, size));
  }
  if (!kinds.entries) return;
  for (let index = 0; widthAt(0, index, size) > 0; index += 1) yield entriesPath(index, widthAt(0, index, size));
}

async function readEntries(bundle: number, size: number, read: ReadObject): Promise<readonly Uint8Array[]> {
  const width = widthAt(0, bundle, size);
  const path = entriesPath(bundle, width);
  const bytes = await read(path);
  if (bytes === undefined) throw new Failure("ledger-invalid", `The ledger lacks ${path}.`);
  return decodeBundle(bytes, width);
}
