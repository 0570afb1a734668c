import { equalBytes } from "../encoding/bytes.ts";
import type { PackFindingCode } from "./pack-findings.ts";
import { type PackSource, readWhole } from "./pack-source.ts";

/** Takes down what is wrong with a file. */
export type Found = (code: PackFindingCode, path: string, sentence: string) => void;

/** Holds a file that is derived from the records against what they come to. */
export async function compareView(source: PackSource, name: string, expected: Uint8Array, found: Found): Promise<void> {
  const bytes = await readWhole(source, name);
  if (bytes === undefined) missing(name, found);
  else if (!equalBytes(bytes, expected)) differs(name, found);
}

/** Holds a file of any size against what is expected of it, which comes in pieces: only one is in memory. */
export interface Comparison {
  take(piece: Uint8Array): Promise<void>;
  end(): Promise<void>;
}

export function comparison(source: PackSource, name: string, found: Found): Comparison {
  const chunks = source.chunks(name)[Symbol.asyncIterator]();
  let rest = new Uint8Array() as Uint8Array;
  let over = source.sizeOf(name) === undefined;
  if (over) missing(name, found);
  const differ = (): void => {
    over = true;
    differs(name, found);
  };
  /** Whether there is more of the file. */
  const more = async (): Promise<boolean> => {
    while (rest.length === 0) {
      const next = await chunks.next();
      if (next.done === true) return false;
      rest = next.value;
    }
    return true;
  };
  return {
    take: async (piece) => {
      for (let at = 0; at < piece.length && !over; ) {
        if (!(await more())) return differ();
        const length = Math.min(rest.length, piece.length - at);
        if (!equalBytes(rest.subarray(0, length), piece.subarray(at, at + length))) return differ();
        rest = rest.subarray(length);
        at += length;
      }
    },
    end: async () => {
      if (!over && (await more())) differ();
    },
  };
}

function missing(name: string, found: Found): void {
  found("file-missing", name, `${name} is missing.`);
}

function differs(name: string, found: Found): void {
  found("view-differs", name, `${name} does not say what the records say.`);
}
