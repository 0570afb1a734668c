/**
 * Bytes that are put aside and come back once, in the same order. A port: an export has a row in two lists for each of
 * its files, and there may be more of them than memory.
 */
export interface Spool {
  append(bytes: Uint8Array): Promise<void>;
  /** All of it, in pieces of its own; nothing is appended after that. */
  read(): AsyncIterable<Uint8Array>;
  /** Lets go of what is left, also where it was never read. */
  close(): Promise<void>;
}

export type OpenSpool = () => Spool;

/** A spool in memory: for small exports, and where there is no disk. */
export const memorySpool: OpenSpool = () => {
  const pieces: Uint8Array[] = [];
  return {
    append: async (bytes) => void pieces.push(bytes),
    async *read() {
      yield* pieces;
    },
    close: async () => {
      pieces.length = 0;
    },
  };
};
