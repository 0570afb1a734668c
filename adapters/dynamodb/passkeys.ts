import { type DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import type { RecordedPasskeyDeed } from "../../core/attestation/recorded-passkey.ts";
import type { Sha256 } from "../../core/encoding/sha256.ts";
import { putOnce, readDeeds } from "./deeds.ts";
import { fromItem, toItem } from "./item.ts";
import { passkeyItem, passkeyPartition, passkeyUseItem, passkeyUsePartition } from "./promotion-items.ts";

/** Passkeys in the promotions table, whose stream archives what is done about them. Nothing is ever changed. */
export type PasskeyStore = ReturnType<typeof passkeyStore>;

export function passkeyStore(client: DynamoDBClient, table: string) {
  return {
    /** What was done about one passkey, or about all of them, in no order. Strongly consistent. */
    deeds: (id?: Sha256): Promise<readonly RecordedPasskeyDeed[]> =>
      readDeeds(client, table, { partition: passkeyPartition, id }, (item) =>
        item.kind === "passkey" ? item.deed : undefined,
      ),

    /** Each deed is done once; `exists` where it was done before. */
    record: (deed: RecordedPasskeyDeed): Promise<"recorded" | "exists"> => putOnce(client, table, passkeyItem(deed)),

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
      await putOnce(client, table, passkeyUseItem(id, signOff, counter));
    },
  };
}
