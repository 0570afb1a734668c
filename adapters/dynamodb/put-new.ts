import { randomUUID } from "node:crypto";
import { ConditionalCheckFailedException, type DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import type { Item } from "./item.ts";

/**
 * Puts an item where there is none, and says whether it did. The client tries again by itself where an answer was lost, and then finds
 * what it has just put: each put bears an id of its own as `write`, so that it knows its own from what somebody else wrote, also where
 * that says the very same.
 */
export async function putNew(client: DynamoDBClient, table: string, item: Item, late?: AbortSignal): Promise<boolean> {
  const write = randomUUID();
  const put = new PutItemCommand({
    TableName: table,
    Item: { ...item, write: { S: write } },
    ConditionExpression: "attribute_not_exists(pk)",
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
  });
  try {
    await client.send(put, late === undefined ? {} : { abortSignal: late });
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return error.Item?.["write"]?.S === write;
    throw error;
  }
}
