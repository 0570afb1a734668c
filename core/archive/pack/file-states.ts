import { fromHex } from "../../encoding/bytes.ts";
import { sha256Bytes } from "../../encoding/sha256.ts";
import { hashLength } from "../../ledger/merkle.ts";
import type { PackSource } from "../zip/pack-source.ts";
import type { Allocate } from "../zip/zip-directory.ts";
import { sumsPath } from "./pack-layout.ts";
import type { StartSha256 } from "./sums.ts";

/**
 * What is known of each file of a pack, by its row. In buffers that threads may share: each file is hashed once, by
 * whoever reads it first, and held against its sum in the end, so that nobody waits for `SHA256SUMS` to be read.
 */
export interface FileStates {
  /** 32 bytes a row: its digest as `SHA256SUMS` gives it or as its bytes have it, whichever was known first. */
  readonly digests: Uint8Array;
  readonly marks: Uint8Array;
}

export const marks = {
  /** `SHA256SUMS` has a line for it. */
  listed: 1,
  /** Its bytes were hashed. */
  hashed: 2,
  /** And differ from that line. */
  changed: 4,
  /** Verification asked for it by its name: it belongs to something. */
  wanted: 8,
  /** Somebody is writing its digest. */
  held: 16,
} as const;

export function fileStates(count: number, allocate: Allocate = (size) => new ArrayBuffer(size)): FileStates {
  return { digests: new Uint8Array(allocate(count * hashLength)), marks: new Uint8Array(allocate(count)) };
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
  note(states, row, digest, marks.listed);
}

/** Whether the bytes of a row are those that `SHA256SUMS` lists. */
export function isAsListed(states: FileStates, row: number): boolean {
  return isMarked(states, row, marks.listed | marks.hashed) && !isMarked(states, row, marks.changed);
}

/** Notes a row's digest as one of the two knows it; the first time counts. Whoever comes second compares. */
function note(
  states: FileStates,
  row: number,
  digest: Uint8Array,
  by: typeof marks.listed | typeof marks.hashed,
): void {
  const { marks: all, digests } = states;
  // For a moment only, and mostly nobody else is there: what is done meanwhile is a copy of 32 bytes.
  while ((Atomics.or(all, row, marks.held) & marks.held) !== 0);
  const before = all[row] ?? 0;
  let after: number = by;
  if ((before & (marks.listed | marks.hashed)) === 0) digests.set(digest, row * hashLength);
  else if ((before & by) === 0 && !isDigestAt(digests, row, digest)) after |= marks.changed;
  Atomics.or(all, row, after);
  Atomics.and(all, row, ~marks.held);
}

function isDigestAt(digests: Uint8Array, row: number, digest: Uint8Array): boolean {
  for (let i = 0; i < hashLength; i += 1) if (digests[row * hashLength + i] !== digest[i]) return false;
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
      if (bytes !== undefined && !isMarked(states, row, marks.hashed))
        note(states, row, sha256Bytes(bytes), marks.hashed);
      return bytes;
    },
    readHashed: async (name) => {
      const row = source.rowOf(name);
      if (row === undefined) return undefined;
      markRow(states, row, marks.wanted);
      const bytes = await source.read(name);
      if (bytes === undefined) return undefined;
      const sha256 = sha256Bytes(bytes);
      note(states, row, sha256, marks.hashed);
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
      note(states, row, fromHex(hash.digest()), marks.hashed);
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
    note(states, row, fromHex(hash.digest()), marks.hashed);
  }
}
