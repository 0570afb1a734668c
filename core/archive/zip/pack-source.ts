import { sha256Bytes } from "../../encoding/sha256.ts";

/** Something about the container of a pack that is not as an export writes it. */
export interface ContainerProblem {
  readonly name: string;
  readonly sentence: string;
}

/** A whole file, and the 32 bytes of its SHA-256. */
export interface HashedFile {
  readonly bytes: Uint8Array;
  readonly sha256: Uint8Array;
}

/** The files of a pack, wherever they are: in a zip, in a folder, in memory. Each has a row, from 0 up to `count`. */
export interface PackSource {
  readonly count: number;
  nameAt(row: number): string;
  rowOf(name: string): number | undefined;
  /** Whether a row's name begins with that of a folder, where that is told sooner than the name. */
  readonly isBelow?: (row: number, folder: string) => boolean;
  /** In bytes; `undefined` where there is no such file. */
  sizeOf(name: string): number | undefined;
  /** A whole file, of a length that fits into memory; nobody changes the bytes afterwards. */
  read(name: string): Promise<Uint8Array | undefined>;
  /** As `read`, where its SHA-256 is computed on the way anyway. */
  readonly readHashed?: (name: string) => Promise<HashedFile | undefined>;
  /** A file of any length; each chunk is good until the next is asked for. */
  chunks(name: string): AsyncIterable<Uint8Array>;
  /** What was noticed about the container while files were read. */
  problems(): readonly ContainerProblem[];
}

/** The names of all files, or of those below a folder such as `records/`, one after the other: there may be millions. */
export function* namesOf(source: Pick<PackSource, "count" | "nameAt" | "isBelow">, folder = ""): Generator<string> {
  for (let row = 0; row < source.count; row += 1) {
    if (source.isBelow?.(row, folder) === false) continue;
    const name = source.nameAt(row);
    if (name.startsWith(folder)) yield name;
  }
}

/** No document of a pack that is read as a whole is larger: evidence has 16 MiB at most. */
export const largestDocument = 64 * 1024 * 1024;

/** A whole file of at most `largest` bytes; `undefined` where there is none, or a larger one. */
export async function readWhole(
  source: PackSource,
  name: string,
  largest = largestDocument,
): Promise<Uint8Array | undefined> {
  const size = source.sizeOf(name);
  return size === undefined || size > largest ? undefined : await source.read(name);
}

/** The same with its SHA-256. */
export async function readWholeHashed(source: PackSource, name: string): Promise<HashedFile | undefined> {
  const size = source.sizeOf(name);
  if (size === undefined || size > largestDocument) return undefined;
  if (source.readHashed !== undefined) return await source.readHashed(name);
  const bytes = await source.read(name);
  return bytes === undefined ? undefined : { bytes, sha256: sha256Bytes(bytes) };
}

/** A pack whose files are in memory. */
export function memorySource(files: ReadonlyMap<string, Uint8Array>): PackSource {
  return namedSource([...files.keys()], {
    sizeOf: (name) => files.get(name)?.length,
    read: async (name) => files.get(name),
    problems: () => [],
    async *chunks(name) {
      const bytes = files.get(name);
      if (bytes !== undefined) yield bytes;
    },
  });
}

/** A source whose files are known by their names alone. */
export function namedSource(
  names: readonly string[],
  source: Omit<PackSource, "count" | "nameAt" | "rowOf">,
): PackSource {
  const rows = new Map(names.map((name, row) => [name, row]));
  return { ...source, count: names.length, nameAt: (row) => names[row] ?? "", rowOf: (name) => rows.get(name) };
}
