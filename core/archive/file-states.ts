import { equalBytes, hex } from "../encoding/bytes.ts";
import { type Sha256, sha256Bytes } from "../encoding/sha256.ts";
import { hashLength } from "../ledger/merkle.ts";
import { sumsPath } from "./pack-layout.ts";
import type { PackSource } from "./pack-source.ts";
import type { StartSha256 } from "./sums.ts";
import type { Allocate } from "./zip-directory.ts";

/**
 * What is known of each file of a pack, by its row. In two buffers that threads may share: each file is hashed once,
 * by whoever reads it first.
 */
export interface FileStates {
  /** Digests as `SHA256SUMS` gives them, 32 bytes a row. */
  readonly sums: Uint8Array;
  readonly marks: Uint8Array;
}

export const marks = {
  /** `SHA256SUMS` has a line for it. */
  listed: 1,
  /** Its bytes were held against that line. */
  hashed: 2,
  /** And differ. */
  changed: 4,
  /** Verification asked for it by its name: it belongs to something. */
  wanted: 8,
} as const;

export function fileStates(count: number, allocate: Allocate = (size) => new ArrayBuffer(size)): FileStates {
  return { sums: new Uint8Array(allocate(count * hashLength)), marks: new Uint8Array(allocate(count)) };
}

export function isMarked({ marks: all }: FileStates, row: number, mark: number): boolean {
  return ((all[row] ?? 0) & mark) === mark;
}

export function markRow({ marks: all }: FileStates, row: number, mark: number): void {
  // Two threads may mark one row at a time.
  Atomics.or(all, row, mark);
}

/** The digest that `SHA256SUMS` gives for a row. */
export function sumAt({ sums }: FileStates, row: number): Uint8Array {
  return sums.subarray(row * hashLength, (row + 1) * hashLength);
}

/** The same files; whatever is read is held against `SHA256SUMS` on the way, and marked as wanted. */
export function checkedSource(source: PackSource, states: FileStates, startSha256: StartSha256): PackSource {
  const hashed = (row: number, digest: Uint8Array) => {
    const changed = isMarked(states, row, marks.listed) && !equalBytes(digest, sumAt(states, row));
    markRow(states, row, marks.hashed | (changed ? marks.changed : 0));
  };
  return {
    ...source,
    read: async (name) => {
      const row = source.rowOf(name);
      if (row === undefined) return undefined;
      markRow(states, row, marks.wanted);
      const bytes = await source.read(name);
      if (bytes !== undefined && !isMarked(states, row, marks.hashed)) hashed(row, sha256Bytes(bytes));
      return bytes;
    },
    readHashed: async (name) => {
      const row = source.rowOf(name);
      if (row === undefined) return undefined;
      markRow(states, row, marks.wanted);
      const bytes = await source.read(name);
      if (bytes === undefined) return undefined;
      const sha256 = sha256Bytes(bytes);
      if (!isMarked(states, row, marks.hashed)) hashed(row, sha256);
      return { bytes, sha256 };
    },
    async *chunks(name) {
      const row = source.rowOf(name);
      if (row === undefined) return;
      markRow(states, row, marks.wanted);
      const hash = startSha256();
      for await (const chunk of source.chunks(name)) {
        hash.update(chunk);
        yield chunk;
      }
      const sum = hex(sumAt(states, row)) as Sha256;
      const changed = isMarked(states, row, marks.listed) && hash.digest() !== sum;
      markRow(states, row, marks.hashed | (changed ? marks.changed : 0));
    },
  };
}

/** Hashes the files of these rows that nobody has read yet. */
export async function hashRest(
  source: PackSource,
  states: FileStates,
  startSha256: StartSha256,
  rows: { readonly from: number; readonly to: number; readonly except?: (name: string) => boolean },
): Promise<void> {
  for (let row = rows.from; row < rows.to; row += 1) {
    if (isMarked(states, row, marks.hashed)) continue;
    const name = source.nameAt(row);
    if (name === sumsPath || rows.except?.(name) === true) continue;
    const hash = startSha256();
    for await (const chunk of source.chunks(name)) hash.update(chunk);
    const changed = isMarked(states, row, marks.listed) && hash.digest() !== (hex(sumAt(states, row)) as Sha256);
    markRow(states, row, marks.hashed | (changed ? marks.changed : 0));
  }
}
