import { type DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { fromItem, toItem } from "./item.ts";

const key = { pk: "RECONCILIATION", sk: "PASS" };
/** Written by people alone (docs/runbook.md). */
const explainedKey = { pk: "RECONCILIATION", sk: "EXPLAINED" };

/** How far the comparison of table and ledger has come, and what people have explained of it: two items of the ledger table. */
export function reconciliationStore<Pass extends object>(client: DynamoDBClient, table: string) {
  return {
    async load(): Promise<Pass | undefined> {
      const { Item: item } = await client.send(
        new GetItemCommand({ TableName: table, Key: toItem(key), ConsistentRead: true }),
      );
      return item === undefined ? undefined : fromItem<{ pass: Pass }>(item).pass;
    },

    /** What people have explained, a set of strings: ids of facts, and numbers of entries. */
    async explanations(): Promise<ReadonlySet<string>> {
      const { Item: item } = await client.send(
        new GetItemCommand({ TableName: table, Key: toItem(explainedKey), ConsistentRead: true }),
      );
      return new Set(item?.["what"]?.SS ?? []);
    },

    async save(pass: Pass): Promise<void> {
      await client.send(new PutItemCommand({ TableName: table, Item: toItem({ ...key, pass }) }));
    },
  };
}
