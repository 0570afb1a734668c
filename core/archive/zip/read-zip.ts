import { equalBytes, lastingCopy } from "../../encoding/bytes.ts";
import { Failure } from "../../failure.ts";
import { crc32 as plainCrc32 } from "./crc32.ts";
import type { ContainerProblem, PackSource } from "./pack-source.ts";
import {
  type Allocate,
  entryAt,
  indexDirectory,
  isBelow,
  nameAt,
  type ReadDirectory,
  rowNamed,
  type ZipRows,
} from "./zip-directory.ts";
import { isLocalHeader } from "./zip-headers.ts";
import {
  dataDescriptor,
  dataDescriptorLength,
  endLength,
  endRecords,
  largeEndLength,
  localHeaderLength,
  readEnd,
  type ZipDirectory,
  type ZipEntry,
} from "./zip-layout.ts";

/** A file that can be read at any place. */
export interface RandomAccess {
  readonly size: number;
  /** Exactly `length` bytes from `offset` on, which nobody changes afterwards. */
  read(offset: number, length: number): Uint8Array | Promise<Uint8Array>;
  /** The same at once, good until something else is read: then no copy of the directory is kept. */
  readonly readNow?: (offset: number, length: number) => Uint8Array;
  /** The same into bytes that are at hand, as many as they are. */
  readonly readInto?: (offset: number, bytes: Uint8Array) => void;
}

/** What a machine does better than plain code. */
export interface ZipPorts {
  readonly crc32?: (bytes: Uint8Array, before: number) => number;
  /** Makes the buffers of the directory; such that threads can share them, where threads are to. */
  readonly allocate?: Allocate;
}

export type OpenedZip =
  | { readonly kind: "opened"; readonly source: PackSource; readonly rows?: ZipRows }
  | { readonly kind: "refused"; readonly sentence: string };

/** More rows than this are not read: a pack of a million records has about four million files. */
const mostEntries = 8_000_000;
const largestDirectory = 1024 ** 3;
const nothing = new Uint8Array();
const chunkLength = 256 * 1024;

/**
 * Opens a zip as `writeZip` writes it and refuses every other: compressed or encrypted entries, names twice, names that
 * lead out of the pack, gaps, overlaps, comments. Damage inside, in what stands around a file's bytes, is told by
 * `problems` once the file was read.
 */
export async function openZip(file: RandomAccess, ports: ZipPorts = {}): Promise<OpenedZip> {
  const tail = await file.read(
    Math.max(0, file.size - endLength - largeEndLength),
    Math.min(file.size, endLength + largeEndLength),
  );
  const directory = readEnd(tail);
  if (directory === undefined)
    return refused("The file does not end as a zip does: it is cut off, so fetch it again, or it is no zip.");
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
  const copy = file.readNow === undefined ? { copy: await copyOf(file, directory) } : {};
  const indexed = indexDirectory(readerOf(file, { ...directory, ...copy }), directory, ports.allocate);
  if (typeof indexed === "string") return refused(indexed);
  const rows = { ...indexed, ...copy };
  return { kind: "opened", source: zipSource(file, rows, ports), rows };
}

async function copyOf(file: RandomAccess, { offset, size }: ZipDirectory): Promise<Uint8Array> {
  const copy = new Uint8Array(size);
  // In pieces: a second copy of a large directory would be the most that is in memory at any time.
  for (let at = 0; at < copy.length; at += chunkLength) {
    copy.set(await file.read(offset + at, Math.min(chunkLength, copy.length - at)), at);
  }
  return copy;
}

function readerOf({ readNow }: RandomAccess, { offset, copy }: Pick<ZipRows, "offset" | "copy">): ReadDirectory {
  if (copy !== undefined) return (at, length) => copy.subarray(at, at + length);
  if (readNow === undefined) throw new Failure("internal", "A zip's directory is neither at hand nor read at once.");
  return (at, length) => readNow(offset + at, length);
}

/** The files of a zip whose directory was checked. */
export function zipSource(file: RandomAccess, rows: ZipRows, { crc32 = plainCrc32 }: ZipPorts = {}): PackSource {
  const problems = new Map<string, ContainerProblem>();
  const directory = readerOf(file, rows);
  // Asked for its row, its size and its bytes, a file is looked up once.
  let latest: { readonly name: string; readonly row: number | undefined; readonly entry: ZipEntry | undefined } = {
    name: "",
    row: undefined,
    entry: undefined,
  };
  const lookUp = (name: string): typeof latest => {
    if (latest.name === name) return latest;
    const row = rowNamed(rows, directory, name);
    latest = { name, row, entry: row === undefined ? undefined : entryAt(rows, directory, row, name) };
    return latest;
  };
  const entryOf = (name: string): ZipEntry | undefined => lookUp(name).entry;
  /** `before` begins with what stands before the entry's bytes, `after` is all that stands behind them. */
  const judge = (entry: ZipEntry, before: Uint8Array, crc: number, after: Uint8Array): void => {
    const { name } = entry;
    if (!isLocalHeader(before, entry) || (entry.streamed && !equalBytes(dataDescriptor(entry), after))) {
      problems.set(name, { name, sentence: `What stands around ${name} in the zip was altered.` });
    } else if (crc !== entry.crc) {
      problems.set(name, { name, sentence: `The zip's own checksum of ${name} does not fit its bytes.` });
    }
  };
  const lengths = (entry: ZipEntry) => ({
    before: localHeaderLength + entry.name.length,
    after: dataDescriptorLength(entry),
  });
  return {
    count: rows.starts.length,
    nameAt: (row) => nameAt(rows, directory, row),
    rowOf: (name) => lookUp(name).row,
    isBelow: (row, folder) => isBelow(rows, directory, row, folder),
    sizeOf: (name) => entryOf(name)?.size,
    problems: () => [...problems.values()],
    async read(name) {
      const entry = entryOf(name);
      if (entry === undefined) return undefined;
      const { before, after } = lengths(entry);
      // Most files are small: one read brings what is around them as well.
      const length = before + entry.size + after;
      const whole = file.readNow?.(entry.offset, length) ?? (await file.read(entry.offset, length));
      const bytes = whole.subarray(before, before + entry.size);
      judge(entry, whole, crc32(bytes, 0), after === 0 ? nothing : whole.subarray(before + entry.size));
      return file.readNow === undefined ? bytes : lastingCopy(bytes);
    },
    async *chunks(name) {
      const entry = entryOf(name);
      if (entry === undefined) return;
      const { before, after } = lengths(entry);
      const begin = entry.offset + before;
      // One for all chunks: what is let go at each would lie about for long, since nothing else is made meanwhile.
      const own = new Uint8Array(file.readInto === undefined ? 0 : Math.min(chunkLength, entry.size));
      let crc = 0;
      for (let at = 0; at < entry.size; at += chunkLength) {
        const length = Math.min(chunkLength, entry.size - at);
        const chunk = file.readInto === undefined ? await file.read(begin + at, length) : own.subarray(0, length);
        file.readInto?.(begin + at, chunk);
        crc = crc32(chunk, crc);
        yield chunk;
      }
      judge(entry, await file.read(entry.offset, before), crc, await file.read(begin + entry.size, after));
    },
  };
}

function refused(sentence: string): OpenedZip {
  return { kind: "refused", sentence };
}
