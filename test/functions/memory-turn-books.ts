import type { TurnBook } from "../../core/promotion/turn-book.ts";

/** Turns in memory: the same conditions as adapters/dynamodb/turn-books.ts. */
export class MemoryTurnBooks {
  readonly #books = new Map<string, TurnBook>();

  readonly load = async (of: string): Promise<TurnBook | undefined> => this.#books.get(of);

  readonly move = async (of: string, next: TurnBook): Promise<"moved" | "lost"> => {
    if ((this.#books.get(of)?.revision ?? 0) !== next.revision - 1) return "lost";
    this.#books.set(of, next);
    return "moved";
  };
}
