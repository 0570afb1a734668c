import type { Pass } from "./pass.ts";

/**
 * `missing`: a fact of the table that the log lacks; it is appended. `differs`: the two tell it differently.
 * `unexplained`: an entry of the log that no item of the table makes. `misplaced`: one that is there twice. `untold`: a promotion
 * whose policies are in force, and which ended without telling so.
 */
export type DifferenceKind = "missing" | "differs" | "unexplained" | "misplaced" | "untold";

export interface Difference {
  readonly difference: DifferenceKind;
  readonly factId?: string;
  readonly ledgerIndex?: number;
}

/** A pass remembers so many of those that were explained; it is one item. */
const mostExplained = 1000;

/**
 * Which differences ring the alarm, and which do not since people have explained them: they name the fact, or the entry of which
 * nobody can tell the fact. Each is rung for once more when it is first found explained, so that nobody explains in silence, and
 * that one alone is still from then on: nothing else about the fact, and no other. What is appended does not change by it.
 */
export function sortOut(
  pass: Pass,
  found: readonly Difference[],
  explanations: ReadonlySet<string>,
): { readonly pass: Pass; readonly ringing: readonly Difference[]; readonly explained: readonly Difference[] } {
  const before = new Set(pass.explainedBefore);
  const explained = found.filter(({ factId, ledgerIndex }) => explanations.has(factId ?? String(ledgerIndex)));
  const still = explained.filter((each) => before.has(nameOf(each)));
  const ringing = found.filter((each) => !still.includes(each));
  const remembered = [...new Set([...pass.explained, ...explained.map(nameOf)])].slice(0, mostExplained);
  return {
    pass: { ...pass, differences: pass.differences + ringing.length, explained: remembered },
    ringing,
    explained: still,
  };
}

function nameOf({ difference, factId, ledgerIndex }: Difference): string {
  return `${difference} ${ledgerIndex ?? ""} ${factId ?? ""}`;
}
