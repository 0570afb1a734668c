import type { PackFinding, PackFindingCode } from "./pack/pack-findings.ts";
import { manifestPath, sumsPath } from "./pack/pack-layout.ts";

/** What is told of findings one by one, and of the others how many there are of each kind. */
export interface ToldFindings {
  readonly told: readonly PackFinding[];
  readonly more: readonly { readonly code: PackFindingCode; readonly count: number }[];
}

/** So many are told one by one; of more, some of each kind: otherwise what one damage entails would hide all else. */
const oneByOne = 100;
const ofEachKind = 5;

export function toldFindings(findings: readonly PackFinding[]): ToldFindings {
  if (findings.length <= oneByOne) return { told: findings, more: [] };
  const kinds = [...Map.groupBy(findings, ({ code }) => code)];
  return {
    told: kinds.flatMap(([, those]) => those.slice(0, ofEachKind)),
    more: kinds.flatMap(([code, { length }]) => (length > ofEachKind ? [{ code, count: length - ofEachKind }] : [])),
  };
}

const ofTheCopy: ReadonlySet<PackFindingCode> = new Set<PackFindingCode>([
  "container-altered",
  "file-changed",
  "file-missing",
  "file-unexpected",
]);

/** How many files are not as the pack's own list of them says: what a copy that was damaged on its way looks like. */
export function notAsListed(findings: readonly PackFinding[]): number {
  return new Set(findings.filter(({ code }) => ofTheCopy.has(code)).map(({ path }) => path)).size;
}

/** Whether the pack's keys are others than those that were given: all that was signed is then refused as well. */
export function hasForeignKeys(findings: readonly PackFinding[]): boolean {
  return findings.some(({ code }) => code === "key-foreign");
}

/**
 * Whether it is no pack at all, and how it shows: it cannot be opened, or it has none of what a pack begins with. Whoever chose
 * another file or an empty folder is told so, and need not fear for a pack.
 */
export function noPack(findings: readonly PackFinding[]): "not-opened" | "something-else" | undefined {
  if (findings.length > 0 && findings.every(({ code }) => code === "container-refused")) return "not-opened";
  const missing = findings.some(({ code, path }) => code === "file-missing" && path === sumsPath);
  const nothingElse = findings.length === 2 && findings.some(({ path }) => path === manifestPath);
  return missing && nothingElse ? "something-else" : undefined;
}
