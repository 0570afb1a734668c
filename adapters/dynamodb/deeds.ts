import { type DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { everyItem } from "./every-item.ts";
import { conditionFailed, type Item } from "./item.ts";
import { type PromotionsItem, readPromotionsItem } from "./promotion-items.ts";

/**
 * What was done about one thing (`<id>#<deed>` is its sort key), in no order. Strongly consistent. `deedOf` picks what is
 * meant from what lies there.
 */
export async function readDeeds<Deed>(
  client: DynamoDBClient,
  table: string,
  { partition, id }: { readonly partition: string; readonly id: string },
  deedOf: (item: PromotionsItem) => Deed | undefined,
): Promise<readonly Deed[]> {
  const values = { ":pk": partition, ":id": `${id}#` } as const;
  const items = await everyItem(client, table, "pk = :pk AND begins_with(sk, :id)", values);
  return items.flatMap((item) => deedOf(readPromotionsItem(item)) ?? []);
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
