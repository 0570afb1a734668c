import { addSeconds, type Instant } from "../encoding/instant.ts";
import type { Identity } from "./identity.ts";

/**
 * Who is about to record something of which one person may record only so much: entered before it is recorded, on condition that
 * nobody else was meanwhile, so that of two that come at once each sees the other.
 */
export interface TurnBook {
  readonly revision: number;
  readonly entered: readonly Turn[];
}

/** What is about to be recorded, by its id. */
export interface Turn {
  readonly id: string;
  readonly by: Identity;
  readonly at: Instant;
}

/** Until what was entered is recorded, or never is: longer than the function that does both may take. */
const enteringSeconds = 60;

/** What was entered and may be recorded still, or just was. */
export function turnsAt(book: TurnBook | undefined, now: Instant): readonly Turn[] {
  return (book?.entered ?? []).filter(({ at }) => now < addSeconds(at, enteringSeconds));
}

/** The next revision, with another turn; those that are over are left out. */
export function withTurn(book: TurnBook | undefined, turn: Turn): TurnBook {
  return { revision: (book?.revision ?? 0) + 1, entered: [...turnsAt(book, turn.at), turn] };
}
