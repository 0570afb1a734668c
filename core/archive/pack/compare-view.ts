import { equalBytes, isUtf8Of } from "../../encoding/bytes.ts";
import { sha256Bytes } from "../../encoding/sha256.ts";
import { type PackSource, readWhole, readWholeHashed } from "../zip/pack-source.ts";
import type { PackFindingCode } from "./pack-findings.ts";

/** Takes down what is wrong with a file. */
export type Found = (code: PackFindingCode, path: string, sentence: string) => void;

/** Holds a file that is derived from the records against what they come to. */
export async function compareView(source: PackSource, name: string, expected: Uint8Array, found: Found): Promise<void> {
  const file = await readWholeHashed(source, name);
  if (file === undefined) missing(name, found);
  // By their digests, since that of the file is needed anyway, and another takes less time than looking at each byte.
  else if (!equalBytes(file.sha256, sha256Bytes(expected))) differs(name, found);
}

/** The same for a file that is text. `why`: what is to be said of one that differs, where more is known of it. */
export async function compareText(
  source: PackSource,
  name: string,
  expected: string,
  found: Found,
  why: (bytes: Uint8Array) => Promise<string | undefined> = async () => undefined,
): Promise<void> {
  const bytes = await readWhole(source, name);
  if (bytes === undefined) missing(name, found);
  // As text: what is expected need be neither encoded nor hashed.
  else if (!isUtf8Of(bytes, expected)) differs(name, found, await why(bytes));
}

function missing(name: string, found: Found): void {
  found("file-missing", name, `${name} is missing.`);
}

function differs(name: string, found: Found, why = `${name} does not say what the records say.`): void {
  found("view-differs", name, why);
}
