import { type DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import type { WitnessedHead, WitnessPorts } from "../../core/ledger/witness.ts";
import { conditionFailed, fromItem, toItem } from "./item.ts";

/** The head of each log that a witness has cosigned last: one item a log, moved by conditional writes. */
export function witnessedHeads(client: DynamoDBClient, table: string): WitnessPorts["heads"] {
  return {
    async load(origin) {
      const { Item: item } = await client.send(
        new GetItemCommand({ TableName: table, Key: toItem({ pk: origin }), ConsistentRead: true }),
      );
      if (item === undefined) return undefined;
      const { size, root } = fromItem<WitnessedHead>(item);
      return { size, root };
    },

    async move(origin, expected, next) {
      try {
        await client.send(
          new PutItemCommand({
            TableName: table,
            Item: toItem({ pk: origin, size: next.size, root: next.root }),
            ...(expected === undefined
              ? { ConditionExpression: "attribute_not_exists(pk)" }
              : {
                  ConditionExpression: "#size = :size AND #root = :root",
                  ExpressionAttributeNames: { "#size": "size", "#root": "root" },
                  ExpressionAttributeValues: toItem({ ":size": expected.size, ":root": expected.root }),
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
