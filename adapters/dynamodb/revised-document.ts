import { type DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { conditionFailed, fromItem, type Item, toItem } from "./item.ts";

/** The document of an item that counts its revisions, read strongly consistent. */
export async function loadRevised<Document>(
  client: DynamoDBClient,
  table: string,
  key: object,
): Promise<Document | undefined> {
  const { Item: item } = await client.send(
    new GetItemCommand({ TableName: table, Key: toItem(key), ConsistentRead: true }),
  );
  return item === undefined ? undefined : fromItem<{ document: Document }>(item).document;
}

/** Writes the next revision, from 1 on; `lost` where somebody else wrote it meanwhile. */
export async function moveRevised(
  client: DynamoDBClient,
  table: string,
  item: Item,
  revision: number,
): Promise<"moved" | "lost"> {
  const first = revision === 1;
  try {
    await client.send(
      new PutItemCommand({
        TableName: table,
        Item: item,
        ConditionExpression: first ? "attribute_not_exists(pk)" : "#revision = :expected",
        ...(first
          ? {}
          : {
              ExpressionAttributeNames: { "#revision": "revision" },
              ExpressionAttributeValues: toItem({ ":expected": revision - 1 }),
            }),
      }),
    );
    return "moved";
  } catch (error) {
    if (conditionFailed(error)) return "lost";
    throw error;
  }
}
