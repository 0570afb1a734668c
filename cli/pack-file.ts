import { closeSync, createReadStream, fstatSync, openSync, readSync } from "node:fs";
import { lstat, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { manifestPath, sumsPath } from "../core/archive/pack/pack-layout.ts";
import { namedSource, type PackSource } from "../core/archive/zip/pack-source.ts";
import { type OpenedZip, openZip, type RandomAccess, zipSource } from "../core/archive/zip/read-zip.ts";
import { isSafeName } from "../core/archive/zip/safe-name.ts";
import type { ZipRows } from "../core/archive/zip/zip-directory.ts";
import { Failure } from "../core/failure.ts";
import { unreadable } from "./file-failure.ts";

/** A pack on the disk; with rows where it is a zip, which other threads can then open without reading its directory. */
export type OpenedPackFile = OpenedZip;

/**
 * Opens a pack, as a zip or as the folder it was unpacked into, and closes it when `use` is done. Nothing is unpacked
 * onto the disk. Throws `invalid-request` where there is no such file.
 *
 * @param onSize told how many bytes a zip has, before its directory is read
 */
export async function withPack<Value>(
  path: string,
  use: (pack: OpenedPackFile) => Promise<Value>,
  onSize: (bytes: number) => void = () => {},
): Promise<Value> {
  const status = await stat(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  if (status.isDirectory()) return await use(await openFolder(path));
  // A pipe is read once and from its beginning; a zip is read from its end.
  if (!status.isFile())
    throw new Failure("invalid-request", `${path} is neither a file nor a folder: write the pack to a file first.`);
  const descriptor = openSync(path, "r");
  try {
    const file = openFile(descriptor);
    onSize(file.size);
    return await use(await openZip(file, { crc32, allocate: (size) => new SharedArrayBuffer(size) }));
  } finally {
    closeSync(descriptor);
  }
}

/** The same zip once more, for another thread. */
export function reopenZip(path: string, rows: ZipRows): PackSource {
  return zipSource(openFile(openSync(path, "r")), rows, { crc32 });
}

// A pack is written in the order in which most of it is read: records with their documents, beside them the log, and
// what is derived from both. Pieces that are read at once serve many small files; each has one place that it can be in,
// so that finding it costs next to nothing. Places are read into again and again: pieces that are let go one after the
// other lie about until the whole heap is collected, some hundreds of them at a time (measured).
const pieceLength = 64 * 1024;
const places = 64;

/** A file that is read in pieces. Synchronously: a wait for each of a million small reads costs more than reading. */
function openFile(descriptor: number): RandomAccess {
  const { size } = fstatSync(descriptor);
  const pieces: { number: number; readonly bytes: Uint8Array }[] = [];
  const pieceAt = (number: number): Uint8Array => {
    const place = number % places;
    pieces[place] ??= { number: -1, bytes: new Uint8Array(pieceLength) };
    const piece = pieces[place];
    if (piece.number === number) return piece.bytes;
    // Should it fail, nothing is in the place.
    piece.number = -1;
    const begin = number * pieceLength;
    readInto(descriptor, begin, piece.bytes.subarray(0, Math.min(pieceLength, size - begin)));
    piece.number = number;
    return piece.bytes;
  };
  const read = (offset: number, length: number): Uint8Array => {
    if (offset + length > size) throw new Failure("pack-invalid", "The pack is shorter than its directory says.");
    const bytes = new Uint8Array(length);
    readInto(descriptor, offset, bytes);
    return bytes;
  };
  const readNow = (offset: number, length: number): Uint8Array => {
    const number = Math.floor(offset / pieceLength);
    const at = offset - number * pieceLength;
    return at + length <= pieceLength && offset + length <= size
      ? pieceAt(number).subarray(at, at + length)
      : read(offset, length);
  };
  return { size, read, readNow, readInto: (offset, bytes) => readInto(descriptor, offset, bytes) };
}

function readInto(descriptor: number, offset: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    const read = readSync(descriptor, bytes, at, bytes.length - at, offset + at);
    if (read === 0) throw new Failure("pack-invalid", "The pack became shorter while it was read.");
    at += read;
  }
}

async function openFolder(folder: string): Promise<OpenedPackFile> {
  // Asked first: somebody's whole home would be looked through, and called a pack that holds something it should not. Of a pack
  // that lost one of them verification tells; with neither it would list whatever lies there, file by file.
  const begins = await Promise.all([sumsPath, manifestPath].map((name) => isFile(join(folder, name))));
  if (!begins.includes(true))
    return {
      kind: "refused",
      sentence: `The folder is no audit pack: it has neither ${sumsPath} nor ${manifestPath}. Name the folder that the zip was unpacked into, or the zip itself.`,
    };
  const sizes = new Map<string, number>();
  const refused = await walk(folder, "", sizes);
  if (refused !== undefined) return { kind: "refused", sentence: refused };
  const source = namedSource([...sizes.keys()], {
    sizeOf: (name) => sizes.get(name),
    problems: () => [],
    read: async (name) => (sizes.has(name) ? await readFile(join(folder, name)) : undefined),
    async *chunks(name) {
      if (sizes.has(name)) yield* createReadStream(join(folder, name)) as AsyncIterable<Uint8Array>;
    },
  });
  return { kind: "opened", source };
}

/** Whether there is a file of this name itself, and no link to one. */
async function isFile(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isFile();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
}

/** Files below a folder by their path from it; why the folder is refused, where it is. */
async function walk(folder: string, below: string, sizes: Map<string, number>): Promise<string | undefined> {
  for (const { name } of await readdir(join(folder, below), { withFileTypes: true })) {
    const path = below === "" ? name : `${below}/${name}`;
    // Asked of the entry itself: a link could lead anywhere.
    const status = await lstat(join(folder, path));
    if (!isSafeName(path) || !(status.isFile() || status.isDirectory())) {
      return `The folder holds something that no pack has: ${JSON.stringify(path.slice(0, 80))}. Take that out, or verify the zip itself.`;
    }
    if (status.isFile()) sizes.set(path, status.size);
    const refused = status.isDirectory() ? await walk(folder, path, sizes) : undefined;
    if (refused !== undefined) return refused;
  }
  return undefined;
}
