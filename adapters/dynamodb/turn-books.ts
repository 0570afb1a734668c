import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { msOfInstant } from "../../core/encoding/instant.ts";
import type { TurnBook } from "../../core/promotion/turn-book.ts";
import { type Item, toItem } from "./item.ts";
import { loadRevised, moveRevised } from "./revised-document.ts";

/**
 * Who is about to record what: one item for all that is counted together, read strongly consistent. Beside what is good for one use:
 * nothing of it is needed for longer than a minute, and the ledger is told nothing of it.
 */
export function turnBooks(client: DynamoDBClient, table: string) {
  return {
    load: (of: string): Promise<TurnBook | undefined> => loadRevised(client, table, keyOf(of)),

    /** Writes the book's next revision; `lost` where somebody else wrote it meanwhile. */
    move: (of: string, next: TurnBook): Promise<"moved" | "lost"> =>
      moveRevised(client, table, itemOf(of, next), next.revision),
  };
}

function keyOf(of: string) {
  return { pk: `TURNS#${of}` };
}

function itemOf(of: string, book: TurnBook): Item {
  const latest = Math.max(0, ...book.entered.map(({ at }) => msOfInstant(at)));
  const expiresAtEpoch = Math.ceil(latest / 1000) + 3600;
  return toItem({ ...keyOf(of), revision: book.revision, document: book, expiresAtEpoch });
}
