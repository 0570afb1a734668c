import { DeleteItemCommand, type DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { type Instant, msOfInstant } from "../../core/encoding/instant.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";
import { conditionFailed, fromItem, toItem } from "./item.ts";

/** Task tokens, in a table of their own: a doorbell that only open-stage and decide can touch (design 3.2). */
export function taskTokenStore(client: DynamoDBClient, table: string) {
  return {
    /** Keeps the token of the open stage; a retried task brings a new one, which replaces it. */
    async keep(id: PromotionId, token: string, deadline: Instant): Promise<void> {
      // The table's TTL tidies up a day after the deadline; nothing relies on it.
      const expiresAtEpoch = Math.floor(msOfInstant(deadline) / 1000) + 86_400;
      await client.send(new PutItemCommand({ TableName: table, Item: toItem({ pk: id, token, expiresAtEpoch }) }));
    },

    async find(id: PromotionId): Promise<string | undefined> {
      const { Item: item } = await client.send(
        new GetItemCommand({ TableName: table, Key: toItem({ pk: id }), ConsistentRead: true }),
      );
      return item === undefined ? undefined : fromItem<{ token: string }>(item).token;
    },

    /** Forgets a token that was used; one that a newer opening has put in its place stays. */
    async forget(id: PromotionId, token: string): Promise<void> {
      try {
        await client.send(
          new DeleteItemCommand({
            TableName: table,
            Key: toItem({ pk: id }),
            ConditionExpression: "#token = :token",
            ExpressionAttributeNames: { "#token": "token" },
            ExpressionAttributeValues: toItem({ ":token": token }),
          }),
        );
      } catch (error) {
        if (!conditionFailed(error)) throw error;
      }
    },
  };
}
