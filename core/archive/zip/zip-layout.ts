import { concatBytes } from "../../encoding/bytes.ts";
import { Failure } from "../../failure.ts";

// The zip format (PKWARE APPNOTE 6.3.10), in the one spelling that is used here: entries stored, not compressed, one
// after the other without a gap, no comments, no extra fields but ZIP64 offsets, every date the first that zip can say.
// So each byte of the file follows from the names and contents, and a reader notices any that does not; and what is
// stored cannot be a bomb. https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT

/** One file in a zip: where its local header begins, and what its bytes came to. */
export interface ZipEntry {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
  readonly crc: number;
  /** Written before its size was known: the size stands behind the bytes. */
  readonly streamed: boolean;
}

/** Largest entry that needs no ZIP64 sizes. */
export const largestEntry = 0xffff_fffe;

/** Length of a directory's row without its name. */
export const rowLength = 46;

const limit16 = 0xffff;
export const limit32 = 0xffff_ffff;

/** Length of the record that a zip ends in. */
export const endLength = 22;
/** Length of the two records before it in a large zip. */
export const largeEndLength = 56 + 20;

// 1 January 1980, 00:00: the earliest that the format can say.
export const date = 0x0021;
export const utf8Names = 0x0800;
export const sizesBehind = 0x0008;

/** Length of a local header without its name. */
export const localHeaderLength = 30;

// Headers are written once for every file of a pack: in one piece of memory, and a name, which is plain characters,
// without an encoder.
const longestHeader = 46 + 0xffff + 12;
const scratch = new Uint8Array(longestHeader);
const scratchView = new DataView(scratch.buffer);

/** The header before an entry's bytes. */
export function localHeader(entry: Omit<ZipEntry, "offset">): Uint8Array {
  return scratch.slice(0, writeLocalHeader(entry));
}

function writeLocalHeader({ name, size, crc, streamed }: Omit<ZipEntry, "offset">): number {
  const known = streamed ? 0 : 1;
  const view = scratchView;
  scratch.fill(0, 0, localHeaderLength);
  // Written out, since a table of fields costs six times as much (measured).
  view.setUint32(0, 0x04034b50, true);
  view.setUint16(4, 20, true);
  view.setUint16(6, utf8Names | (streamed ? sizesBehind : 0), true);
  view.setUint16(12, date, true);
  view.setUint32(14, crc * known, true);
  view.setUint32(18, size * known, true);
  view.setUint32(22, size * known, true);
  view.setUint16(26, name.length, true);
  writeName(name, localHeaderLength);
  return localHeaderLength + name.length;
}

function writeName(name: string, at: number): void {
  for (let i = 0; i < name.length; i += 1) scratch[at + i] = name.charCodeAt(i);
}

/** How much stands behind the bytes of an entry. */
export function dataDescriptorLength({ streamed }: Pick<ZipEntry, "streamed">): number {
  return streamed ? 16 : 0;
}

/** What stands behind the bytes of a streamed entry; nothing behind others. */
export function dataDescriptor({ size, crc, streamed }: ZipEntry): Uint8Array {
  return streamed
    ? fields([
        [4, 0x08074b50],
        [4, crc],
        [4, size],
        [4, size],
      ])
    : new Uint8Array();
}

/** The entry's row in the directory at the end. */
export function directoryHeader(entry: ZipEntry): Uint8Array {
  return scratch.slice(0, writeDirectoryHeader(entry));
}

/** Where a file's permissions stand that Unix knows: what is to be run may be. */
export function permissionsOf(name: string): number {
  return (name.endsWith(".sh") ? 0o100755 : 0o100644) * 0x10000;
}

function writeDirectoryHeader({ name, offset, size, crc, streamed }: ZipEntry): number {
  const far = offset >= limit32;
  const view = scratchView;
  scratch.fill(0, 0, rowLength);
  view.setUint32(0, 0x02014b50, true);
  view.setUint16(4, 0x031e, true);
  view.setUint16(6, far ? 45 : 20, true);
  view.setUint16(8, utf8Names | (streamed ? sizesBehind : 0), true);
  view.setUint16(14, date, true);
  view.setUint32(16, crc, true);
  view.setUint32(20, size, true);
  view.setUint32(24, size, true);
  view.setUint16(28, name.length, true);
  view.setUint16(30, far ? 12 : 0, true);
  view.setUint32(38, permissionsOf(name), true);
  view.setUint32(42, far ? limit32 : offset, true);
  writeName(name, rowLength);
  const end = rowLength + name.length;
  if (!far) return end;
  view.setUint16(end, 1, true);
  view.setUint16(end + 2, 8, true);
  view.setBigUint64(end + 4, BigInt(offset), true);
  return end + 12;
}

/** The directory as a whole: how many rows, how many bytes, where it begins. */
export interface ZipDirectory {
  readonly entries: number;
  readonly size: number;
  readonly offset: number;
}

/** Whether a directory needs the ZIP64 records before the end. */
export function isLarge({ entries, size, offset }: ZipDirectory): boolean {
  return entries >= limit16 || size >= limit32 || offset >= limit32;
}

/** The records that end the zip. */
export function endRecords(directory: ZipDirectory): Uint8Array {
  const { entries, size, offset } = directory;
  const large = isLarge(directory);
  const zip64 = fields([
    [4, 0x06064b50],
    [8, 44],
    [2, 0x031e],
    [2, 45],
    [4, 0],
    [4, 0],
    [8, entries],
    [8, entries],
    [8, size],
    [8, offset],
    [4, 0x07064b50],
    [4, 0],
    [8, offset + size],
    [4, 1],
  ]);
  const end = fields([
    [4, 0x06054b50],
    [2, 0],
    [2, 0],
    [2, Math.min(entries, limit16)],
    [2, Math.min(entries, limit16)],
    [4, Math.min(size, limit32)],
    [4, Math.min(offset, limit32)],
    [2, 0],
  ]);
  return large ? concatBytes([zip64, end]) : end;
}

/** Reads where the directory is from the last bytes of a zip, unverified; `undefined` where they are not a zip's end. */
export function readEnd(tail: Uint8Array): ZipDirectory | undefined {
  const view = new DataView(tail.buffer, tail.byteOffset, tail.length);
  const end = tail.length - endLength;
  if (end < 0 || view.getUint32(end, true) !== 0x06054b50) return undefined;
  const small = {
    entries: view.getUint16(end + 10, true),
    size: view.getUint32(end + 12, true),
    offset: view.getUint32(end + 16, true),
  };
  const large = end - largeEndLength;
  if (!isLarge(small)) return small;
  if (large < 0 || view.getUint32(large, true) !== 0x06064b50) return undefined;
  const long = (at: number) => Number(view.getBigUint64(large + at, true));
  const directory = { entries: long(32), size: long(40), offset: long(48) };
  return Object.values(directory).every(Number.isSafeInteger) ? directory : undefined;
}

function fields(parts: readonly (readonly [2 | 4 | 8, number] | Uint8Array)[]): Uint8Array {
  const whole = new Uint8Array(
    parts.reduce((sum, part) => sum + (part instanceof Uint8Array ? part.length : part[0]), 0),
  );
  const view = new DataView(whole.buffer);
  let at = 0;
  for (const part of parts) {
    if (part instanceof Uint8Array) {
      whole.set(part, at);
      at += part.length;
      continue;
    }
    const [width, value] = part;
    if (width === 2) view.setUint16(at, value, true);
    else if (width === 4) view.setUint32(at, value, true);
    else view.setBigUint64(at, BigInt(value), true);
    at += width;
  }
  return whole;
}

/** Throws `pack-invalid` for an entry that this spelling of zip cannot carry. */
export function requireEntrySize(name: string, size: number): void {
  if (size > largestEntry)
    throw new Failure("pack-invalid", `${name} is larger than the 4 GiB that one file may have.`);
}
