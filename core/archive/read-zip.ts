import { equalBytes } from "../encoding/bytes.ts";
import { crc32 } from "./crc32.ts";
import type { ContainerProblem, PackSource } from "./pack-source.ts";
import {
  dataDescriptor,
  directoryHeader,
  endLength,
  endRecords,
  largeEndLength,
  localHeader,
  readDirectoryHeader,
  readEnd,
  type ZipDirectory,
  type ZipEntry,
} from "./zip-layout.ts";

/** A file that can be read at any place. */
export interface RandomAccess {
  readonly size: number;
  /** Exactly `length` bytes from `offset` on. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

export type OpenedZip =
  | { readonly kind: "opened"; readonly source: PackSource }
  | { readonly kind: "refused"; readonly sentence: string };

/** More rows than this are not read: a pack of a million records has about four million files. */
const mostEntries = 8_000_000;
const largestDirectory = 1024 ** 3;
const chunkLength = 1024 * 1024;

/**
 * Opens a zip as `writeZip` writes it and refuses every other: compressed or encrypted entries, names twice, names that
 * lead out of the pack, gaps, overlaps, comments. Damage inside, in what stands around a file's bytes, is told by
 * `problems` once the file was read.
 */
export async function openZip(file: RandomAccess): Promise<OpenedZip> {
  const tail = await file.read(
    Math.max(0, file.size - endLength - largeEndLength),
    Math.min(file.size, endLength + largeEndLength),
  );
  const directory = readEnd(tail);
  if (directory === undefined) return refused("The file does not end as a zip does: it is cut off, or is none.");
  const end = endRecords(directory);
  if (
    directory.offset + directory.size + end.length !== file.size ||
    !equalBytes(end, tail.subarray(tail.length - end.length))
  ) {
    return refused("The zip's end does not fit the file: bytes were added, removed or changed.");
  }
  if (directory.entries > mostEntries || directory.size > largestDirectory) {
    return refused(`The zip says that it holds ${directory.entries} files, which is more than is read.`);
  }
  const entries = await readDirectory(file, directory);
  if (typeof entries === "string") return refused(entries);
  return { kind: "opened", source: sourceOf(file, entries) };
}

async function readDirectory(
  file: RandomAccess,
  directory: ZipDirectory,
): Promise<ReadonlyMap<string, ZipEntry> | string> {
  const bytes = await file.read(directory.offset, directory.size);
  const entries = new Map<string, ZipEntry>();
  let at = 0;
  let next = 0;
  for (let row = 0; row < directory.entries; row += 1) {
    const read = readDirectoryHeader(bytes, at);
    if (read === undefined) return "The zip's directory is cut off.";
    const { entry, length } = read;
    const { name } = entry;
    if (!isSafeName(name))
      return `The zip holds a file under a name that no pack has: ${JSON.stringify(name.slice(0, 80))}.`;
    if (!equalBytes(directoryHeader(entry), bytes.subarray(at, at + length))) {
      return `The zip's directory does not describe ${name} as an export writes it (compressed, encrypted or altered): unpack it and verify the folder, or export anew.`;
    }
    if (entries.has(name)) return `The zip holds ${name} twice.`;
    if (entry.offset !== next) return `In the zip ${name} does not follow the file before it.`;
    next += localHeader(entry).length + entry.size + dataDescriptor(entry).length;
    entries.set(name, entry);
    at += length;
  }
  if (at !== directory.size || next !== directory.offset) return "The zip holds bytes that belong to no file.";
  return entries;
}

/** A path below the pack's own folder, in plain characters. */
export function isSafeName(name: string): boolean {
  return name.length <= 200 && /^[A-Za-z0-9_][A-Za-z0-9._-]*(?:\/[A-Za-z0-9_][A-Za-z0-9._-]*)*$/.test(name);
}

function sourceOf(file: RandomAccess, entries: ReadonlyMap<string, ZipEntry>): PackSource {
  const problems = new Map<string, ContainerProblem>();
  return {
    names: [...entries.keys()],
    sizeOf: (name) => entries.get(name)?.size,
    problems: () => [...problems.values()],
    async *chunks(name) {
      const entry = entries.get(name);
      if (entry === undefined) return;
      const header = localHeader(entry);
      const behind = dataDescriptor(entry);
      const begin = entry.offset + header.length;
      const whole = header.length + entry.size + behind.length;
      // Most files are small: one read brings what is around them as well.
      const near = whole <= chunkLength ? await file.read(entry.offset, whole) : undefined;
      const part = async (offset: number, length: number): Promise<Uint8Array> =>
        near === undefined
          ? await file.read(offset, length)
          : near.subarray(offset - entry.offset, offset - entry.offset + length);
      let crc = 0;
      for (let at = 0; at < entry.size; at += chunkLength) {
        const chunk = await part(begin + at, Math.min(chunkLength, entry.size - at));
        crc = crc32(chunk, crc);
        yield chunk;
      }
      const framed =
        equalBytes(header, await part(entry.offset, header.length)) &&
        equalBytes(behind, await part(begin + entry.size, behind.length));
      if (!framed) problems.set(name, { name, sentence: `What stands around ${name} in the zip was altered.` });
      else if (crc !== entry.crc) {
        problems.set(name, { name, sentence: `The zip's own checksum of ${name} does not fit its bytes.` });
      }
    },
  };
}

function refused(sentence: string): OpenedZip {
  return { kind: "refused", sentence };
}
