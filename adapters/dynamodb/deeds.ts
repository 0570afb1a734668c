import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { Failure } from "../../core/failure.ts";
import type { Fact } from "../../core/promotion/fact.ts";
import { everyItem } from "./every-item.ts";
import { mostWriteMs } from "./in-time.ts";
import type { Item } from "./item.ts";
import { keyOfFact, type PromotionsItem, readPromotionsItem } from "./promotion-items.ts";
import { putNew } from "./put-new.ts";

/**
 * What was done about one thing (`<id>#<deed>` is its sort key), in no order; nothing where a part of that cannot be read, such as that
 * it was revoked: what is left of it would say something else. Strongly consistent. `deedOf` picks what is meant from what lies there,
 * and `factOf` says which deed it is.
 */
export async function readDeeds<Deed>(
  client: DynamoDBClient,
  table: string,
  { partition, id }: { readonly partition: string; readonly id: string },
  deedOf: (item: PromotionsItem) => Deed | undefined,
  factOf: (deed: Deed) => Fact,
): Promise<readonly Deed[] | undefined> {
  const values = { ":pk": partition, ":id": `${id}#` } as const;
  const items = await everyItem(client, table, "pk = :pk AND begins_with(sk, :id)", values);
  const deeds = items.flatMap((item) => readDeed(item, deedOf, factOf) ?? []);
  return deeds.length === items.length ? deeds : undefined;
}

/** Nothing where somebody changed the item by hand, so that it is not what its key says. */
function readDeed<Deed>(
  item: Item,
  deedOf: (item: PromotionsItem) => Deed | undefined,
  factOf: (deed: Deed) => Fact,
): Deed | undefined {
  try {
    const deed = deedOf(readPromotionsItem(item));
    return deed !== undefined && keyOfFact(factOf(deed)).sk === item["sk"]?.S ? deed : undefined;
  } catch {
    return undefined;
  }
}

/** Throws where deeds cannot be read: of what rests on them nobody could say whether it holds. */
export function requireDeeds<Deed>(deeds: readonly Deed[] | undefined, id: string): readonly Deed[] {
  if (deeds !== undefined) return deeds;
  throw new Failure(
    "internal",
    `What was done about ${id} cannot be read: an item of the table is not what its key says.`,
  );
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
