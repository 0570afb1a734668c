import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { LoanBook } from "../../core/promotion/loan.ts";
import { loanBookItem, loanBookKey } from "./promotion-items.ts";
import { loadRevised, moveRevised } from "./revised-document.ts";

/** The loans that a model was given in a period: one item for each pair, read strongly consistent. */
export function loanBooks(client: DynamoDBClient, table: string) {
  return {
    load: (model: string, period: string): Promise<LoanBook | undefined> =>
      loadRevised(client, table, loanBookKey(model, period)),

    /** Writes the book's next revision; `lost` where somebody else wrote it meanwhile. */
    move: (model: string, period: string, next: LoanBook): Promise<"moved" | "lost"> =>
      moveRevised(client, table, loanBookItem(model, period, next), next.revision),
  };
}
