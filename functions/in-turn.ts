import { type Turn, type TurnBook, turnsAt, withTurn } from "../core/promotion/turn-book.ts";

export interface TurnBooks {
  /** Strongly consistent. */
  load(of: string): Promise<TurnBook | undefined>;
  /** Writes the next revision; `lost` where somebody else wrote it meanwhile. */
  move(of: string, next: TurnBook): Promise<"moved" | "lost">;
}

/**
 * Enters that something is about to be recorded, where it may be besides what `others` are about to record: `requireRoom` counts them
 * with what is recorded, and throws where it is too much. What it read as recorded may be older than the turns: what was recorded
 * since has its turn still. The same again has its turn already, and takes no other.
 *
 * @param of what is counted together
 */
export async function inTurn(
  turns: TurnBooks,
  of: string,
  own: Turn,
  requireRoom: (others: readonly Turn[]) => void,
): Promise<void> {
  for (;;) {
    const book = await turns.load(of);
    const entered = turnsAt(book, own.at);
    requireRoom(entered.filter(({ id }) => id !== own.id));
    if (entered.some(({ id }) => id === own.id)) return;
    if ((await turns.move(of, withTurn(book, own))) === "moved") return;
  }
}
