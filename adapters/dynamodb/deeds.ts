import { type DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { Failure } from "../../core/failure.ts";
import { everyItem } from "./every-item.ts";
import { mostWriteMs } from "./in-time.ts";
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

/**
 * Writes an item that is written once and never changed; `exists` where there is one. Throws `unavailable` where the table has not
 * answered for `mostMs`: it may be written all the same, as the same request again finds.
 */
export async function putOnce(
  client: DynamoDBClient,
  table: string,
  item: Item,
  mostMs = mostWriteMs,
): Promise<"recorded" | "exists"> {
  const late = AbortSignal.timeout(mostMs);
  try {
    await client.send(
      new PutItemCommand({ TableName: table, Item: item, ConditionExpression: "attribute_not_exists(pk)" }),
      { abortSignal: late },
    );
    return "recorded";
  } catch (error) {
    if (late.aborted) throw new Failure("unavailable", "It was not recorded in time: try again.");
    if (conditionFailed(error)) return "exists";
    throw error;
  }
}
