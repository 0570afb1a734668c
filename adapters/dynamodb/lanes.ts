import { type DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import type { Lane } from "../../core/promotion/lane.ts";
import { conditionFailed, fromItem, toItem } from "./item.ts";
import { laneItem, laneKey } from "./promotion-items.ts";

/** Which candidate of a model is the newest for a target: one item for each pair, read strongly consistent. */
export function laneStore(client: DynamoDBClient, table: string) {
  return {
    async load(model: string, target: string): Promise<Lane | undefined> {
      const { Item: item } = await client.send(
        new GetItemCommand({ TableName: table, Key: toItem(laneKey(model, target)), ConsistentRead: true }),
      );
      return item === undefined ? undefined : fromItem<{ document: Lane }>(item).document;
    },

    /** Writes the lane's next revision; `lost` where somebody else wrote it meanwhile. */
    async move(model: string, target: string, next: Lane): Promise<"moved" | "lost"> {
      const first = next.revision === 1;
      try {
        await client.send(
          new PutItemCommand({
            TableName: table,
            Item: laneItem(model, target, next),
            ConditionExpression: first ? "attribute_not_exists(pk)" : "#revision = :expected",
            ...(first
              ? {}
              : {
                  ExpressionAttributeNames: { "#revision": "revision" },
                  ExpressionAttributeValues: toItem({ ":expected": next.revision - 1 }),
                }),
          }),
        );
        return "moved";
      } catch (error) {
        if (conditionFailed(error)) return "lost";
        throw error;
      }
    },
  };
}
