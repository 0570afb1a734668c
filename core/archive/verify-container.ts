import type { Sha256 } from "../encoding/sha256.ts";
import { Failure } from "../failure.ts";
import type { PackFinding } from "./pack-findings.ts";
import { sumsPath } from "./pack-layout.ts";
import type { PackSource } from "./pack-source.ts";
import { readWhole } from "./pack-source.ts";
import { readSums, type StartSha256 } from "./sums.ts";

/** `SHA256SUMS` has a line for each file: it may be as large as this. */
const largestSums = 1024 ** 3;

/** Hashes every file of the pack and holds it against `SHA256SUMS`, both ways: nothing missing, nothing added. */
export async function verifyContainer(source: PackSource, startSha256: StartSha256): Promise<readonly PackFinding[]> {
  const findings: PackFinding[] = [];
  const found = (code: PackFinding["code"], path: string, sentence: string) =>
    void findings.push({ code, path, sentence });
  const sums = await sumsOf(source, found);
  const changed = new Set<string>();
  for (const name of source.names) {
    if (name === sumsPath) continue;
    const hash = startSha256();
    for await (const chunk of source.chunks(name)) hash.update(chunk);
    const expected = sums.get(name);
    if (expected === undefined) found("file-unexpected", name, `${name} is not in SHA256SUMS.`);
    else if (hash.digest() !== expected) {
      changed.add(name);
      found("file-changed", name, `${name} does not have the bytes that SHA256SUMS gives the digest of.`);
    }
  }
  for (const name of sums.keys()) {
    if (source.sizeOf(name) === undefined)
      found("file-missing", name, `${name} is in SHA256SUMS, but not in the pack.`);
  }
  for (const { name, sentence } of source.problems()) {
    if (!changed.has(name)) found("container-altered", name, sentence);
  }
  return findings;
}

async function sumsOf(
  source: PackSource,
  found: (code: PackFinding["code"], path: string, sentence: string) => void,
): Promise<ReadonlyMap<string, Sha256>> {
  const bytes = await readWhole(source, sumsPath, largestSums);
  if (bytes === undefined) {
    found("file-missing", sumsPath, "The pack has no SHA256SUMS.");
    return new Map();
  }
  try {
    return readSums(bytes);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    found("sums-malformed", sumsPath, error.message);
    return new Map();
  }
}
