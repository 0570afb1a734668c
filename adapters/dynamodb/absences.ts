import { type DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import type { Absence } from "../../core/approval/absence.ts";
import { everyItem } from "./every-item.ts";
import { absenceItem, absencePartition, readPromotionsItem } from "./promotion-items.ts";

/** Who is away, one item for each person who ever was; the latest word stands. */
export function absenceStore(client: DynamoDBClient, table: string) {
  return {
    async list(): Promise<readonly Absence[]> {
      const items = await everyItem(client, table, "pk = :pk", { ":pk": absencePartition });
      return items.flatMap((item) => {
        const read = readPromotionsItem(item);
        return read.kind === "absence" ? [read.absence] : [];
      });
    },

    async put(absence: Absence): Promise<void> {
      await client.send(new PutItemCommand({ TableName: table, Item: absenceItem(absence) }));
    },
  };
}
