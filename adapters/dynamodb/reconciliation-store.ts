import { type DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { fromItem, toItem } from "./item.ts";

const key = { pk: "RECONCILIATION", sk: "PASS" };

/** How far the comparison of table and ledger has come: one item of the ledger table. */
export function reconciliationStore<Pass extends object>(client: DynamoDBClient, table: string) {
  return {
    async load(): Promise<Pass | undefined> {
      const { Item: item } = await client.send(
        new GetItemCommand({ TableName: table, Key: toItem(key), ConsistentRead: true }),
      );
      return item === undefined ? undefined : fromItem<{ pass: Pass }>(item).pass;
    },

    async save(pass: Pass): Promise<void> {
      await client.send(new PutItemCommand({ TableName: table, Item: toItem({ ...key, pass }) }));
    },
  };
}
