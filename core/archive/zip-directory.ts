import { isSafeName } from "./safe-name.ts";
import {
  dataDescriptor,
  isDirectoryHeader,
  localHeaderLength,
  plainText,
  readDirectoryHeader,
  readRow,
  rowLength,
  type ZipDirectory,
  type ZipEntry,
} from "./zip-layout.ts";

/**
 * A zip's directory as the bytes that it is, and where in them each row begins: a few bytes for a file, so that millions
 * of files fit, and in buffers that threads can share.
 */
export interface ZipRows {
  readonly bytes: Uint8Array;
  /** Where each row begins. */
  readonly starts: Uint32Array;
  /** Rows plus one by the hash of their names; 0 where there is none. */
  readonly slots: Uint32Array;
}

/** Makes buffers for `ZipRows`. */
export type Allocate = (bytes: number) => ArrayBufferLike;

/** Checks every row of a directory; a sentence where one is not as an export writes it. */
export function indexDirectory(
  bytes: Uint8Array,
  directory: ZipDirectory,
  allocate: Allocate = (size) => new ArrayBuffer(size),
): ZipRows | string {
  const rows: ZipRows = {
    bytes,
    starts: new Uint32Array(allocate(directory.entries * 4)),
    slots: new Uint32Array(allocate(slotsFor(directory.entries) * 4)),
  };
  let at = 0;
  let next = 0;
  for (let row = 0; row < directory.entries; row += 1) {
    const read = readDirectoryHeader(bytes, at);
    if (read === undefined) return "The zip's directory is cut off.";
    const { entry, length } = read;
    const { name } = entry;
    if (!isSafeName(name))
      return `The zip holds a file under a name that no pack has: ${JSON.stringify(name.slice(0, 80))}.`;
    if (!isDirectoryHeader(bytes, at, length, entry)) {
      return `The zip's directory does not describe ${name} as an export writes it (compressed, encrypted or altered): unpack it and verify the folder, or export anew.`;
    }
    if (entry.offset !== next) return `In the zip ${name} does not follow the file before it.`;
    rows.starts[row] = at;
    const slot = slotOf(rows, name);
    if (slot < 0) return `The zip's names are made to be slow to find, such as ${name}.`;
    if (rows.slots[slot] !== 0) return `The zip holds ${name} twice.`;
    rows.slots[slot] = row + 1;
    next += localHeaderLength + name.length + entry.size + dataDescriptor(entry).length;
    at += length;
  }
  if (at !== directory.size || next !== directory.offset) return "The zip holds bytes that belong to no file.";
  return rows;
}

/** The row of the file with this name. */
export function rowNamed(rows: ZipRows, name: string): number | undefined {
  const slot = slotOf(rows, name);
  const row = slot < 0 ? 0 : (rows.slots[slot] ?? 0);
  return row === 0 ? undefined : row - 1;
}

/** What the row of a name says. */
export function entryAt({ bytes, starts }: ZipRows, row: number, name: string): ZipEntry {
  const at = starts[row] ?? 0;
  return readRow(new DataView(bytes.buffer, bytes.byteOffset + at, bytes.length - at), name);
}

/** A row's name. */
export function nameAt(rows: ZipRows, row: number): string {
  const at = rows.starts[row] ?? 0;
  return plainText(rows.bytes, at + rowLength, nameLength(rows, at));
}

function nameLength({ bytes }: ZipRows, at: number): number {
  return (bytes[at + 28] ?? 0) + (bytes[at + 29] ?? 0) * 256;
}

/** At most half of the slots are taken. */
function slotsFor(entries: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(2, entries * 2)));
}

/** No run of taken slots comes near this length by chance. */
const longestSearch = 1024;

/** The slot in which the name is, or else would be (open addressing; FNV-1a); -1 where that takes too long. */
function slotOf(rows: ZipRows, name: string): number {
  const mask = rows.slots.length - 1;
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i += 1) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  // A name is chosen by whoever made the pack: mixed once more, so that names in a row spread.
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  for (let tried = 0; tried < longestSearch; tried += 1) {
    const slot = (hash + tried) & mask;
    const row = rows.slots[slot] ?? 0;
    if (row === 0 || isNamed(rows, rows.starts[row - 1] ?? 0, name)) return slot;
  }
  return -1;
}

function isNamed(rows: ZipRows, at: number, name: string): boolean {
  if (nameLength(rows, at) !== name.length) return false;
  for (let i = name.length - 1; i >= 0; i -= 1) {
    if (rows.bytes[at + rowLength + i] !== name.charCodeAt(i)) return false;
  }
  return true;
}
