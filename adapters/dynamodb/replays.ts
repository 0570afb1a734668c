import { type DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import type { Sha256 } from "../../core/encoding/sha256.ts";
import { fromItem, toItem } from "./item.ts";
import { putNew } from "./put-new.ts";

/** What is good for one use: its issuer, its id there, and when it is over in any case. */
interface Used {
  readonly issuer: string;
  readonly id: string;
  readonly expiresAtSeconds: number;
}

/** Machine tokens that have been used, with the request that each was used for; and requests that came once. */
export function replayStore(client: DynamoDBClient, table: string) {
  return {
    /** Notes that a request came, and says whether it did for the first time. */
    async first(used: Used): Promise<boolean> {
      return note(used, {});
    },

    /**
     * Notes that a token was used for a request. `replayed` where it was used for another one before; the same
     * request again is a CI's retry and may pass.
     */
    async use(token: Used, request: Sha256): Promise<"fresh" | "replayed"> {
      if (await note(token, { request })) return "fresh";
      const { Item: item } = await client.send(
        new GetItemCommand({ TableName: table, Key: toItem({ pk: keyOf(token) }), ConsistentRead: true }),
      );
      return item !== undefined && fromItem<{ request: string }>(item).request === request ? "fresh" : "replayed";
    },
  };

  function note(used: Used, beside: { readonly request?: Sha256 }): Promise<boolean> {
    const item = toItem({ pk: keyOf(used), ...beside, expiresAtEpoch: used.expiresAtSeconds + 3600 });
    return putNew(client, table, item);
  }
}

function keyOf({ issuer, id }: Used): string {
  return JSON.stringify([issuer, id]);
}
