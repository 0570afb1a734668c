import { concatBytes } from "../encoding/bytes.ts";

/** Something about the container of a pack that is not as an export writes it. */
export interface ContainerProblem {
  readonly name: string;
  readonly sentence: string;
}

/** The files of a pack, wherever they are: in a zip, in a folder, in memory. */
export interface PackSource {
  readonly names: readonly string[];
  /** In bytes; `undefined` where there is no such file. */
  sizeOf(name: string): number | undefined;
  chunks(name: string): AsyncIterable<Uint8Array>;
  /** What was noticed about the container while files were read. */
  problems(): readonly ContainerProblem[];
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
  if (size === undefined || size > largest) return undefined;
  const chunks: Uint8Array[] = [];
  for await (const chunk of source.chunks(name)) chunks.push(chunk);
  const [only] = chunks;
  return chunks.length === 1 && only !== undefined ? only : concatBytes(chunks);
}

/** A pack whose files are in memory. */
export function memorySource(files: ReadonlyMap<string, Uint8Array>): PackSource {
  return {
    names: [...files.keys()],
    sizeOf: (name) => files.get(name)?.length,
    problems: () => [],
    async *chunks(name) {
      const bytes = files.get(name);
      if (bytes !== undefined) yield bytes;
    },
  };
}
