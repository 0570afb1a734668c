import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { TurnBook } from "../../core/promotion/turn-book.ts";
import { turnBookItem, turnBookKey } from "./promotion-items.ts";
import { loadRevised, moveRevised } from "./revised-document.ts";

/** Who is about to record what: one item for all that is counted together, read strongly consistent. */
export function turnBooks(client: DynamoDBClient, table: string) {
  return {
    load: (of: string): Promise<TurnBook | undefined> => loadRevised(client, table, turnBookKey(of)),

    /** Writes the book's next revision; `lost` where somebody else wrote it meanwhile. */
    move: (of: string, next: TurnBook): Promise<"moved" | "lost"> =>
      moveRevised(client, table, turnBookItem(of, next), next.revision),
  };
}
