import { type DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import type { Fact } from "../../core/promotion/fact.ts";
import { conditionFailed, fromItem, toItem } from "./item.ts";

const key = { pk: "INSTALLATION", sk: "FACTS" };

/** What the ledger tells of the installation: one item of the ledger table, which nobody but those who append can write. */
export function installationStore(client: DynamoDBClient, table: string) {
  return {
    async load(): Promise<readonly Fact[]> {
      const { Item: item } = await client.send(
        new GetItemCommand({ TableName: table, Key: toItem(key), ConsistentRead: true }),
      );
      return item === undefined ? [] : fromItem<{ facts: readonly Fact[] }>(item).facts;
    },

    add(before: readonly Fact[], next: Fact): Promise<"added" | "lost"> {
      return put(before, [...before, next]);
    },

    /** In the place of what was there: for who restores what was lost. */
    replace: put,
  };

  async function put(before: readonly Fact[], facts: readonly Fact[]): Promise<"added" | "lost"> {
    try {
      await client.send(
        new PutItemCommand({
          TableName: table,
          Item: toItem({ ...key, facts, count: facts.length }),
          ...(before.length === 0
            ? { ConditionExpression: "attribute_not_exists(pk)" }
            : {
                ConditionExpression: "#count = :before",
                ExpressionAttributeNames: { "#count": "count" },
                ExpressionAttributeValues: toItem({ ":before": before.length }),
              }),
        }),
      );
      return "added";
    } catch (error) {
      if (conditionFailed(error)) return "lost";
      throw error;
    }
  }
}
