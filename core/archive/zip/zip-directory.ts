import { isSafeName } from "./safe-name.ts";
import { directoryRowLength, isDirectoryHeader, isTextAt, nameLengthOf, plainText, readRow } from "./zip-headers.ts";
import { dataDescriptorLength, localHeaderLength, rowLength, type ZipDirectory, type ZipEntry } from "./zip-layout.ts";

/**
 * A zip's directory: a few bytes for a file, so that millions of files fit, and in buffers that threads can share. What
 * its rows say is read where it is needed, from the file, or from a copy where the file cannot be read at once.
 */
export interface ZipRows {
  /** Where in the file the directory begins, and a copy of it where there is one. */
  readonly offset: number;
  readonly copy?: Uint8Array;
  /** Where in the directory each row begins. */
  readonly starts: Uint32Array;
  /** Rows plus one by the hash of their names; 0 where there is none. */
  readonly slots: Uint32Array;
  /** Another hash of each row's name, so that hardly any name is read but the one that is looked for. */
  readonly tags: Uint32Array;
  /** The first character of each row's name: whoever looks for the files of a folder passes over most by that. */
  readonly initials: Uint8Array;
}

/** Makes buffers for `ZipRows`. */
export type Allocate = (bytes: number) => ArrayBufferLike;

/** Bytes of a directory: `length` of them from a place on; good until others are asked for. */
export type ReadDirectory = (at: number, length: number) => Uint8Array;

/** Checks every row of a directory; a sentence where one is not as an export writes it. */
export function indexDirectory(
  read: ReadDirectory,
  directory: ZipDirectory,
  allocate: Allocate = (size) => new ArrayBuffer(size),
): Omit<ZipRows, "copy"> | string {
  const { entries, offset, size } = directory;
  const rows = {
    offset,
    starts: new Uint32Array(allocate(entries * 4)),
    slots: new Uint32Array(allocate(slotsFor(entries) * 4)),
    tags: new Uint32Array(allocate(entries * 4)),
    initials: new Uint8Array(allocate(entries)),
  };
  let at = 0;
  let next = 0;
  for (let row = 0; row < entries; row += 1) {
    const length = at + rowLength > size ? undefined : directoryRowLength(read(at, rowLength));
    if (length === undefined || at + length > size) return "The zip's directory is cut off.";
    const bytes = read(at, length);
    const entry = readRow(bytes);
    const { name } = entry;
    if (!isSafeName(name))
      return `The zip holds a file under a name that no pack has: ${JSON.stringify(name.slice(0, 80))}. If another program packed it again, unpack it and verify the folder (countersign verify).`;
    if (!isDirectoryHeader(bytes, entry)) {
      return `The zip's directory does not describe ${name} as an export writes it (compressed, encrypted or altered): unpack it and verify the folder (countersign verify), or export anew.`;
    }
    if (entry.offset !== next) return `In the zip ${name} does not follow the file before it.`;
    rows.starts[row] = at;
    const hashes = hashesOf(name);
    const slot = slotOf(rows, read, name, hashes);
    if (slot < 0) return `The zip's names are made to be slow to find, such as ${name}.`;
    if (rows.slots[slot] !== 0) return `The zip holds ${name} twice.`;
    rows.slots[slot] = row + 1;
    rows.tags[row] = hashes.tag;
    rows.initials[row] = name.charCodeAt(0);
    next += localHeaderLength + name.length + entry.size + dataDescriptorLength(entry);
    at += length;
  }
  if (at !== size || next !== offset) return "The zip holds bytes that belong to no file.";
  return rows;
}

/** The row of the file with this name. */
export function rowNamed(rows: ZipRows, read: ReadDirectory, name: string): number | undefined {
  const slot = slotOf(rows, read, name, hashesOf(name));
  const row = slot < 0 ? 0 : (rows.slots[slot] ?? 0);
  return row === 0 ? undefined : row - 1;
}

/** What the row of a name says. */
export function entryAt({ starts }: Pick<ZipRows, "starts">, read: ReadDirectory, row: number, name: string): ZipEntry {
  const at = starts[row] ?? 0;
  return readRow(read(at, directoryRowLength(read(at, rowLength))), name);
}

/** A row's name. */
export function nameAt({ starts }: Pick<ZipRows, "starts">, read: ReadDirectory, row: number): string {
  const at = (starts[row] ?? 0) + rowLength;
  const length = nameLengthOf(read(at - rowLength, rowLength));
  return plainText(read(at, length), 0, length);
}

/** Whether a row's name begins with a folder's; most do not, and are not even read. */
export function isBelow(
  { starts, initials }: Pick<ZipRows, "starts" | "initials">,
  read: ReadDirectory,
  row: number,
  folder: string,
): boolean {
  if (folder !== "" && initials[row] !== folder.charCodeAt(0)) return false;
  const at = starts[row] ?? 0;
  return nameLengthOf(read(at, rowLength)) > folder.length && isTextAt(read(at + rowLength, folder.length), 0, folder);
}

/** At most half of the slots are taken. */
function slotsFor(entries: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(2, entries * 2)));
}

/** No run of taken slots comes near this length by chance. */
const longestSearch = 1024;

interface NameHashes {
  readonly slot: number;
  readonly tag: number;
}

/** FNV-1a, and the same with another prime. */
function hashesOf(name: string): NameHashes {
  let slot = 0x811c9dc5;
  let tag = 0x811c9dc5;
  for (let i = 0; i < name.length; i += 1) {
    const code = name.charCodeAt(i);
    slot = Math.imul(slot ^ code, 0x01000193);
    tag = Math.imul(tag ^ code, 0x5bd1e995);
  }
  // A name is chosen by whoever made the pack: mixed once more, so that names in a row spread.
  return { slot: Math.imul(slot ^ (slot >>> 15), 0x2c1b3c6d), tag: tag >>> 0 };
}

/** The slot in which the name is, or else would be (open addressing); -1 where that takes too long. */
function slotOf(
  { slots, starts, tags }: Pick<ZipRows, "slots" | "starts" | "tags">,
  read: ReadDirectory,
  name: string,
  hashes: NameHashes,
): number {
  const mask = slots.length - 1;
  for (let tried = 0; tried < longestSearch; tried += 1) {
    const slot = (hashes.slot + tried) & mask;
    const row = slots[slot] ?? 0;
    if (row === 0) return slot;
    if (tags[row - 1] === hashes.tag && isNamed(read, starts[row - 1] ?? 0, name)) return slot;
  }
  return -1;
}

function isNamed(read: ReadDirectory, at: number, name: string): boolean {
  return nameLengthOf(read(at, rowLength)) === name.length && isTextAt(read(at + rowLength, name.length), 0, name);
}
