import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { Failure } from "../../core/failure.ts";
import { everyItem } from "./every-item.ts";
import { mostWriteMs } from "./in-time.ts";
import type { Item } from "./item.ts";
import { type PromotionsItem, readPromotionsItem } from "./promotion-items.ts";
import { putNew } from "./put-new.ts";

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
    return (await putNew(client, table, item, late)) ? "recorded" : "exists";
  } catch (error) {
    if (late.aborted) throw new Failure("unavailable", "It was not recorded in time: try again.");
    throw error;
  }
}
