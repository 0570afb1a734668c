import { type DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import type { Sha256 } from "../../core/encoding/sha256.ts";
import { conditionFailed, fromItem, toItem } from "./item.ts";

/** Machine tokens that have been used, with the request that each was used for. */
export function replayStore(client: DynamoDBClient, table: string) {
  return {
    /**
     * Notes that a token was used for a request. `replayed` where it was used for another one before; the same
     * request again is a CI's retry and may pass.
     */
    async use(
      token: { readonly issuer: string; readonly id: string; readonly expiresAtSeconds: number },
      request: Sha256,
    ): Promise<"fresh" | "replayed"> {
      const pk = JSON.stringify([token.issuer, token.id]);
      try {
        await client.send(
          new PutItemCommand({
            TableName: table,
            Item: toItem({ pk, request, expiresAtEpoch: token.expiresAtSeconds + 3600 }),
            ConditionExpression: "attribute_not_exists(pk)",
          }),
        );
        return "fresh";
      } catch (error) {
        if (!conditionFailed(error)) throw error;
      }
      const { Item: item } = await client.send(
        new GetItemCommand({ TableName: table, Key: toItem({ pk }), ConsistentRead: true }),
      );
      return item !== undefined && fromItem<{ request: string }>(item).request === request ? "fresh" : "replayed";
    },
  };
}
