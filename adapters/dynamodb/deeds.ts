import { type DynamoDBClient, PutItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import { conditionFailed, type Item, toItem } from "./item.ts";
import { type PromotionsItem, readPromotionsItem } from "./promotion-items.ts";

/**
 * What was done about one thing (`<id>#<deed>` is its sort key), or about everything in a partition, in no order.
 * Strongly consistent. `deedOf` picks what is meant from what lies there.
 */
export async function readDeeds<Deed>(
  client: DynamoDBClient,
  table: string,
  { partition, id }: { readonly partition: string; readonly id: string | undefined },
  deedOf: (item: PromotionsItem) => Deed | undefined,
): Promise<readonly Deed[]> {
  const deeds: Deed[] = [];
  let from: Item | undefined;
  do {
    const page = await client.send(
      new QueryCommand({
        TableName: table,
        ConsistentRead: true,
        KeyConditionExpression: id === undefined ? "pk = :pk" : "pk = :pk AND begins_with(sk, :id)",
        ExpressionAttributeValues: toItem({ ":pk": partition, ...(id === undefined ? {} : { ":id": `${id}#` }) }),
        ...(from === undefined ? {} : { ExclusiveStartKey: from }),
      }),
    );
    deeds.push(...(page.Items ?? []).flatMap((item) => deedOf(readPromotionsItem(item)) ?? []));
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
  return deeds;
}

/** Writes an item that is written once and never changed; `exists` where there is one. */
export async function putOnce(client: DynamoDBClient, table: string, item: Item): Promise<"recorded" | "exists"> {
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
