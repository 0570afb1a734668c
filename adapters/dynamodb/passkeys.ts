import { type DynamoDBClient, PutItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import type { RecordedPasskeyDeed } from "../../core/attestation/recorded-passkey.ts";
import type { Sha256 } from "../../core/encoding/sha256.ts";
import { conditionFailed, fromItem, type Item, toItem } from "./item.ts";
import {
  passkeyItem,
  passkeyPartition,
  passkeyUseItem,
  passkeyUsePartition,
  readPromotionsItem,
} from "./promotion-items.ts";

/** Passkeys in the promotions table, whose stream archives what is done about them. Nothing is ever changed. */
export type PasskeyStore = ReturnType<typeof passkeyStore>;

export function passkeyStore(client: DynamoDBClient, table: string) {
  return {
    /** What was done about one passkey, or about all of them, in no order. Strongly consistent. */
    async deeds(id?: Sha256): Promise<readonly RecordedPasskeyDeed[]> {
      const deeds: RecordedPasskeyDeed[] = [];
      let from: Item | undefined;
      do {
        const page = await client.send(
          new QueryCommand({
            TableName: table,
            ConsistentRead: true,
            KeyConditionExpression: id === undefined ? "pk = :pk" : "pk = :pk AND begins_with(sk, :id)",
            ExpressionAttributeValues: toItem({
              ":pk": passkeyPartition,
              ...(id === undefined ? {} : { ":id": `${id}#` }),
            }),
            ...(from === undefined ? {} : { ExclusiveStartKey: from }),
          }),
        );
        for (const item of page.Items ?? []) {
          const read = readPromotionsItem(item);
          if (read.kind === "passkey") deeds.push(read.deed);
        }
        from = page.LastEvaluatedKey;
      } while (from !== undefined);
      return deeds;
    },

    /** Each deed is done once; `exists` where it was done before. */
    async record(deed: RecordedPasskeyDeed): Promise<"recorded" | "exists"> {
      return put(passkeyItem(deed));
    },

    /** The highest signature counter that another sign-off than this one was given with; 0 where there is none. */
    async counterBefore(id: Sha256, signOff: Sha256): Promise<number> {
      const { Items: items = [] } = await client.send(
        new QueryCommand({
          TableName: table,
          ConsistentRead: true,
          KeyConditionExpression: "pk = :pk",
          ExpressionAttributeValues: toItem({ ":pk": passkeyUsePartition(id) }),
          ScanIndexForward: false,
          Limit: 2,
        }),
      );
      const uses = items.map((item) => fromItem<{ counter: number; signOff: Sha256 }>(item));
      return uses.find((use) => use.signOff !== signOff)?.counter ?? 0;
    },

    /** Notes the counter that a sign-off was given with. */
    async noteCounter(id: Sha256, signOff: Sha256, counter: number): Promise<void> {
      await put(passkeyUseItem(id, signOff, counter));
    },
  };

  async function put(item: Item): Promise<"recorded" | "exists"> {
    try {
      await client.send(
        new PutItemCommand({ TableName: table, Item: item, ConditionExpression: "attribute_not_exists(pk)" }),
      );
      return "recorded";
    } catch (error) {
      if (conditionFailed(error)) return "exists";
      throw error;
    }
  }
}
