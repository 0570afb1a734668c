import { type DynamoDBClient, PutItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import type { RecordedDelegationDeed } from "../../core/attestation/recorded-delegation.ts";
import type { Sha256 } from "../../core/encoding/sha256.ts";
import { conditionFailed, type Item, toItem } from "./item.ts";
import { delegationItem, delegationPartition, readPromotionsItem } from "./promotion-items.ts";

/** Delegations in the promotions table, whose stream archives what is done about them. Nothing is ever changed. */
export function delegationStore(client: DynamoDBClient, table: string) {
  return {
    /** What was done about one delegation, or about all of them, in no order. Strongly consistent. */
    async deeds(id?: Sha256): Promise<readonly RecordedDelegationDeed[]> {
      const deeds: RecordedDelegationDeed[] = [];
      let from: Item | undefined;
      do {
        const page = await client.send(
          new QueryCommand({
            TableName: table,
            ConsistentRead: true,
            KeyConditionExpression: id === undefined ? "pk = :pk" : "pk = :pk AND begins_with(sk, :id)",
            ExpressionAttributeValues: toItem({
              ":pk": delegationPartition,
              ...(id === undefined ? {} : { ":id": `${id}#` }),
            }),
            ...(from === undefined ? {} : { ExclusiveStartKey: from }),
          }),
        );
        for (const item of page.Items ?? []) {
          const read = readPromotionsItem(item);
          if (read.kind === "delegation") deeds.push(read.deed);
        }
        from = page.LastEvaluatedKey;
      } while (from !== undefined);
      return deeds;
    },

    /** Each deed is done once; `exists` where it was done before. */
    async record(deed: RecordedDelegationDeed): Promise<"recorded" | "exists"> {
      try {
        await client.send(
          new PutItemCommand({
            TableName: table,
            Item: delegationItem(deed),
            ConditionExpression: "attribute_not_exists(pk)",
          }),
        );
        return "recorded";
      } catch (error) {
        if (conditionFailed(error)) return "exists";
        throw error;
      }
    },
  };
}
