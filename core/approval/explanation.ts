import type { Identity } from "../promotion/identity.ts";

/** Where a part of the approval stands. `waiting`: an earlier stage must be decided first. */
export type ExplanationStatus = "met" | "open" | "waiting" | "rejected" | "unreachable";

export interface NamedPerson {
  readonly identity: Identity;
  readonly name: string;
  /** The name of the person in whose place they signed. */
  readonly inPlaceOf?: string;
  /** The role, by its title, that the stage was escalated to, where they sign in that and not in the seat's own. */
  readonly escalatedAs?: string;
  /** What they ask of the release, in words that follow "on condition that". */
  readonly onCondition?: string;
  /** They said that they are away; they may sign all the same. */
  readonly away?: true;
}

/** A person as explanations name them. */
export function personText({ name, inPlaceOf, escalatedAs, onCondition, away }: Omit<NamedPerson, "identity">): string {
  const place = inPlaceOf === undefined ? "" : ` (in the place of ${inPlaceOf})`;
  const escalated = escalatedAs === undefined ? "" : ` (as ${escalatedAs}, after the escalation)`;
  const condition = onCondition === undefined ? "" : ` (on condition that ${onCondition})`;
  return `${name}${escalated}${place}${condition}${away === true ? " (away)" : ""}`;
}

/** A seat, who fills it, or who still could. */
export interface SeatExplanation {
  readonly role: string;
  readonly filledBy?: NamedPerson;
  readonly couldBeFilledBy: readonly NamedPerson[];
}

/** Why somebody, or somebody's vote, does not count. */
export interface Dismissal {
  readonly person: NamedPerson;
  readonly why: string;
}

/**
 * The outcome of the approval rules as a tree (design 3.7): the API, the page, the command line and the tests all
 * show this and nothing else. Plain JSON.
 */
export interface Explanation {
  readonly name: string;
  readonly status: ExplanationStatus;
  /** One sentence that a reviewer understands. */
  readonly why: string;
  readonly children: readonly Explanation[];
  /** Only on requirements that ask for seats. */
  readonly seats?: readonly SeatExplanation[];
  /** Only where somebody's vote does not count, or somebody may not sign. */
  readonly dismissed?: readonly Dismissal[];
}
