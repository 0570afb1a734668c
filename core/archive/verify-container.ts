import { Failure } from "../failure.ts";
import { type FileStates, isAsListed, isMarked, marks, noteSum, unmarkAll } from "./pack/file-states.ts";
import type { PackFinding } from "./pack/pack-findings.ts";
import { sumsPath } from "./pack/pack-layout.ts";
import { readSums } from "./pack/sums.ts";
import type { ContainerProblem, PackSource } from "./zip/pack-source.ts";

/** Notes what `SHA256SUMS` says of each file. Answers what is wrong with it, and with what it names. */
export async function noteSums(source: PackSource, states: FileStates): Promise<readonly PackFinding[]> {
  if (source.rowOf(sumsPath) === undefined) {
    return [{ code: "file-missing", path: sumsPath, sentence: "The pack has no SHA256SUMS." }];
  }
  const missing: PackFinding[] = [];
  // Sums are written in the order of the files: mostly, the next line is about the next row.
  let next = 0;
  try {
    for await (const { digest, name } of readSums(source.chunks(sumsPath))) {
      if (name === sumsPath) throw new Failure("pack-invalid", "SHA256SUMS lists itself.");
      const row = source.nameAt(next) === name ? next : source.rowOf(name);
      if (row === undefined) {
        const sentence = `${name} is in SHA256SUMS, but not in the pack.`;
        missing.push({ code: "file-missing", path: name, sentence });
        continue;
      }
      if (isMarked(states, row, marks.listed)) throw new Failure("pack-invalid", `SHA256SUMS lists ${name} twice.`);
      noteSum(states, row, digest);
      next = row + 1;
    }
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    // As if it said nothing: each file is then one that it does not list.
    unmarkAll(states, marks.listed);
    return [{ code: "sums-malformed", path: sumsPath, sentence: error.message }];
  }
  return missing;
}

/** What hashing every file of the pack came to, against `SHA256SUMS` and against the container itself. */
export function containerFindings(
  source: PackSource,
  states: FileStates,
  problems: readonly ContainerProblem[],
): readonly PackFinding[] {
  const findings: PackFinding[] = [];
  for (let row = 0; row < source.count; row += 1) {
    if (isAsListed(states, row)) continue;
    const path = source.nameAt(row);
    if (path === sumsPath) continue;
    findings.push(
      isMarked(states, row, marks.listed)
        ? {
            code: "file-changed",
            path,
            sentence: `${path} does not have the bytes that SHA256SUMS gives the digest of.`,
          }
        : { code: "file-unexpected", path, sentence: `${path} is not in SHA256SUMS.` },
    );
  }
  const changed = new Set(findings.filter(({ code }) => code === "file-changed").map(({ path }) => path));
  const told = new Map(problems.map((problem) => [problem.name, problem]));
  for (const { name, sentence } of told.values()) {
    if (!changed.has(name)) findings.push({ code: "container-altered", path: name, sentence });
  }
  return findings;
}
