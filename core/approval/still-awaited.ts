import type { IdentityKey } from "../promotion/identity.ts";
import type { ApprovalInput } from "./approval-input.ts";
import { evaluateApproval } from "./evaluate-approval.ts";
import type { Explanation } from "./explanation.ts";
import { type AskedPerson, whomToAsk } from "./whom-to-ask.ts";

/** Whom an open stage waits for. */
export interface StillAwaited {
  /** The roles that are missing on the nearest way, and who could sign in each. */
  readonly roles: readonly { readonly role: string; readonly people: readonly AskedPerson[] }[];
  /** Everybody who could fill a seat that is free, whichever way it is on. */
  readonly people: readonly AskedPerson[];
}

const nobodyAway: ReadonlySet<IdentityKey> = new Set();

/**
 * Who could sign in an open stage, themselves or in another's place, and has not decided. Whoever is away is among them:
 * they are not asked, and may sign all the same. Nobody once the stage is decided.
 */
export function stillAwaited(input: ApprovalInput, stage: number): StillAwaited {
  const { outcome, explanation } = evaluateApproval(input);
  if (outcome.kind !== "open") return { roles: [], people: [] };
  const asked = whomToAsk({ ...input, stage, absent: nobodyAway }, { butThoseWhoDecided: true });
  const free = freeRoles(explanation.children[stage]);
  return {
    roles: [...new Set(outcome.missing)].map((role) => ({ role, people: asked.filter((each) => each.role === role) })),
    people: asked.filter(({ role }) => free.has(role)),
  };
}

function freeRoles(part: Explanation | undefined): ReadonlySet<string> {
  if (part === undefined) return new Set();
  const own = (part.seats ?? []).filter(({ filledBy }) => filledBy === undefined).map(({ role }) => role);
  return new Set([...own, ...part.children.flatMap((child) => [...freeRoles(child)])]);
}
