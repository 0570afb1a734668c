import { fromHex } from "../encoding/bytes.ts";
import { sha256Bytes } from "../encoding/sha256.ts";
import { hashLength } from "../ledger/merkle.ts";
import { sumsPath } from "./pack-layout.ts";
import type { PackSource } from "./pack-source.ts";
import type { StartSha256 } from "./sums.ts";
import type { Allocate } from "./zip-directory.ts";

/**
 * What is known of each file of a pack, by its row. In buffers that threads may share: each file is hashed once, by
 * whoever reads it first, and held against its sum in the end, so that nobody waits for `SHA256SUMS` to be read.
 */
export interface FileStates {
  /** Digests as `SHA256SUMS` gives them, 32 bytes a row. */
  readonly sums: Uint8Array;
  /** Digests of the bytes that were read, 32 bytes a row. */
  readonly digests: Uint8Array;
  readonly marks: Uint8Array;
}

export const marks = {
  /** `SHA256SUMS` has a line for it. */
  listed: 1,
  /** Its bytes were hashed. */
  hashed: 2,
  /** Verification asked for it by its name: it belongs to something. */
  wanted: 4,
} as const;

export function fileStates(count: number, allocate: Allocate = (size) => new ArrayBuffer(size)): FileStates {
  const digests = () => new Uint8Array(allocate(count * hashLength));
  return { sums: digests(), digests: digests(), marks: new Uint8Array(allocate(count)) };
}

export function isMarked({ marks: all }: FileStates, row: number, mark: number): boolean {
  return ((all[row] ?? 0) & mark) === mark;
}

export function markRow({ marks: all }: FileStates, row: number, mark: number): void {
  // Two threads may mark one row at a time.
  Atomics.or(all, row, mark);
}

/** Takes a mark from all rows. */
export function unmarkAll({ marks: all }: FileStates, mark: number): void {
  for (let row = 0; row < all.length; row += 1) Atomics.and(all, row, ~mark);
}

/** Notes the digest that `SHA256SUMS` gives for a row. */
export function noteSum(states: FileStates, row: number, digest: Uint8Array): void {
  states.sums.set(digest, row * hashLength);
  markRow(states, row, marks.listed);
}

/** Notes the digest of a row's bytes; the first counts. */
function noteDigest(states: FileStates, row: number, digest: Uint8Array): void {
  if (isMarked(states, row, marks.hashed)) return;
  states.digests.set(digest, row * hashLength);
  markRow(states, row, marks.hashed);
}

/** Whether the bytes of a row are those that `SHA256SUMS` lists. */
export function isAsListed(states: FileStates, row: number): boolean {
  if (!isMarked(states, row, marks.listed | marks.hashed)) return false;
  const { sums, digests } = states;
  const end = (row + 1) * hashLength;
  for (let at = row * hashLength; at < end; at += 1) if (sums[at] !== digests[at]) return false;
  return true;
}

/** The same files; whatever is read is hashed on the way, to be held against `SHA256SUMS`, and marked as wanted. */
export function checkedSource(source: PackSource, states: FileStates, startSha256: StartSha256): PackSource {
  return {
    ...source,
    read: async (name) => {
      const row = source.rowOf(name);
      if (row === undefined) return undefined;
      markRow(states, row, marks.wanted);
      const bytes = await source.read(name);
      if (bytes !== undefined && !isMarked(states, row, marks.hashed)) noteDigest(states, row, sha256Bytes(bytes));
      return bytes;
    },
    readHashed: async (name) => {
      const row = source.rowOf(name);
      if (row === undefined) return undefined;
      markRow(states, row, marks.wanted);
      const bytes = await source.read(name);
      if (bytes === undefined) return undefined;
      const sha256 = sha256Bytes(bytes);
      noteDigest(states, row, sha256);
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
      noteDigest(states, row, fromHex(hash.digest()));
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
    noteDigest(states, row, fromHex(hash.digest()));
  }
}
