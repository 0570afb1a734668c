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

/** The same for a file of any size: what is expected comes in pieces, and only one is in memory. */
export async function compareStream(
  source: PackSource,
  name: string,
  expected: AsyncIterable<Uint8Array>,
  found: Found,
): Promise<void> {
  if (source.sizeOf(name) === undefined) return missing(name, found);
  const chunks = source.chunks(name)[Symbol.asyncIterator]();
  let rest = new Uint8Array() as Uint8Array;
  for await (const piece of expected) {
    for (let at = 0; at < piece.length; ) {
      if (rest.length === 0) {
        const next = await chunks.next();
        if (next.done === true) return differs(name, found);
        rest = next.value;
      }
      const length = Math.min(rest.length, piece.length - at);
      if (!equalBytes(rest.subarray(0, length), piece.subarray(at, at + length))) return differs(name, found);
      rest = rest.subarray(length);
      at += length;
    }
  }
  while (rest.length === 0) {
    const next = await chunks.next();
    if (next.done === true) return;
    rest = next.value;
  }
  differs(name, found);
}

function missing(name: string, found: Found): void {
  found("file-missing", name, `${name} is missing.`);
}

function differs(name: string, found: Found): void {
  found("view-differs", name, `${name} does not say what the records say.`);
}
