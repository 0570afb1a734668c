import type { Pass } from "./pass.ts";

/**
 * `missing`: a fact of the table that the log lacks; it is appended. `differs`: the two tell it differently.
 * `unexplained`: an entry of the log that no item of the table makes. `misplaced`: one that is there twice. `untold`: a promotion
 * whose policies are in force, and which ended without telling so. `set-back`: the policies in force by the table, where the log tells
 * of later ones. `unreadable`: an item of the table, by its key.
 */
export type DifferenceKind = "missing" | "differs" | "unexplained" | "misplaced" | "untold" | "set-back" | "unreadable";

export interface Difference {
  readonly difference: DifferenceKind;
  readonly factId?: string;
  readonly ledgerIndex?: number;
  readonly item?: string;
}

/** A difference as it was found. */
export interface Found extends Difference {
  /** Digest of what the table tells now, where that is told otherwise than by the log. */
  readonly told?: string;
}

/** A pass remembers so many of those that were explained; it is one item. */
const mostExplained = 1000;

/**
 * Which differences ring the alarm, and which do not since people have explained them: they name the fact, or the entry of which
 * nobody can tell the fact, or the item. Each is rung for once more when it is first found explained, so that nobody explains in silence, and
 * that one alone is still from then on: nothing else about the fact, no later edit of it, and no other. What is appended does not change by it.
 */
export function sortOut(
  pass: Pass,
  found: readonly Found[],
  explanations: ReadonlySet<string>,
): { readonly pass: Pass; readonly ringing: readonly Difference[]; readonly explained: readonly Difference[] } {
  const before = new Set(pass.explainedBefore);
  const explained = found.filter(({ factId, item, ledgerIndex }) =>
    explanations.has(factId ?? item ?? String(ledgerIndex)),
  );
  const still = explained.filter((each) => before.has(nameOf(each)));
  const ringing = found.filter((each) => !still.includes(each));
  const remembered = [...new Set([...pass.explained, ...explained.map(nameOf)])].slice(0, mostExplained);
  return {
    pass: { ...pass, differences: pass.differences + ringing.length, explained: remembered },
    ringing: ringing.map(difference),
    explained: still.map(difference),
  };
}

function difference({ told: _, ...found }: Found): Difference {
  return found;
}

/** The digest is of the fact's id, too. */
function nameOf({ difference: kind, factId, item, ledgerIndex, told }: Found): string {
  return `${kind} ${ledgerIndex ?? ""} ${told ?? factId ?? item ?? ""}`;
}
