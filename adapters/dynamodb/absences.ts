import { type DynamoDBClient, PutItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import type { Absence } from "../../core/approval/absence.ts";
import { type Item, toItem } from "./item.ts";
import { absenceItem, absencePartition, readPromotionsItem } from "./promotion-items.ts";

/** Who is away, one item for each person who ever was; the latest word stands. */
export function absenceStore(client: DynamoDBClient, table: string) {
  return {
    async list(): Promise<readonly Absence[]> {
      const absences: Absence[] = [];
      let from: Item | undefined;
      do {
        const page = await client.send(
          new QueryCommand({
            TableName: table,
            ConsistentRead: true,
            KeyConditionExpression: "pk = :pk",
            ExpressionAttributeValues: toItem({ ":pk": absencePartition }),
            ...(from === undefined ? {} : { ExclusiveStartKey: from }),
          }),
        );
        for (const item of page.Items ?? []) {
          const read = readPromotionsItem(item);
          if (read.kind === "absence") absences.push(read.absence);
        }
        from = page.LastEvaluatedKey;
      } while (from !== undefined);
      return absences;
    },

    async put(absence: Absence): Promise<void> {
      await client.send(new PutItemCommand({ TableName: table, Item: absenceItem(absence) }));
    },
  };
}
