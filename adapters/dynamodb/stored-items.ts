import { BatchGetItemCommand, type DynamoDBClient, GetItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import type { Fact } from "../../core/promotion/fact.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";
import { inBatches, untilEmpty } from "./batches.ts";
import { fromItem, type Item, toItem } from "./item.ts";
import { keyOfFact, type PromotionsItem, readPromotionsItem } from "./promotion-items.ts";

/** The most keys that one BatchGetItem takes. */
const keysAtOnce = 100;

/** What a look at the whole table comes upon: an item, or the key of one that cannot be read. */
export type StoredItem = PromotionsItem | { readonly kind: "unreadable"; readonly item: string };

/**
 * Every item of the promotions table, whosever it is; all reads are strongly consistent. One that cannot be read, or is not what
 * `requireReadable` asks for, holds up no other.
 */
export function storedItems(client: DynamoDBClient, table: string, requireReadable: (item: PromotionsItem) => void) {
  const readItem = (item: Item): StoredItem => {
    try {
      const read = readPromotionsItem(item);
      requireReadable(read);
      return read;
    } catch {
      return { kind: "unreadable", item: `${item["pk"]?.S}/${item["sk"]?.S}` };
    }
  };
  const itemOf = async (fact: Pick<Fact, "id" | "promotion">): Promise<StoredItem | undefined> => {
    const Key = toItem(keyOfFact(fact));
    const { Item: item } = await client.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }));
    return item === undefined ? undefined : readItem(item);
  };
  return {
    /** The item that holds a fact; nothing where there is none. */
    itemOf,

    /** What a promotion tells, in its order; nothing where there is none, or it cannot be read. */
    async historyOf(id: PromotionId): Promise<readonly Fact[]> {
      const read = await itemOf({ id: `${id}/0`, promotion: id });
      return read?.kind === "promotion" ? read.promotion.history : [];
    },

    /** A page of the table, in no order, and where the next begins. At most 1 MB is read for one. */
    async page(from?: string): Promise<{ readonly items: readonly StoredItem[]; readonly next?: string }> {
      const { Items: items = [], LastEvaluatedKey: last } = await client.send(
        new ScanCommand({
          TableName: table,
          ConsistentRead: true,
          ...(from === undefined ? {} : { ExclusiveStartKey: toItem(JSON.parse(from) as object) }),
        }),
      );
      const read = items.map(readItem);
      return last === undefined ? { items: read } : { items: read, next: JSON.stringify(fromItem(last)) };
    },

    /** The items that hold these facts, as far as they are there. */
    async itemsBehind(facts: readonly Pick<Fact, "id" | "promotion">[]): Promise<readonly StoredItem[]> {
      const keys = new Map(facts.map(keyOfFact).map((key) => [`${key.pk} ${key.sk}`, toItem(key)]));
      const found: Item[] = [];
      await inBatches([...keys.values()], keysAtOnce, async (some) => {
        let left = some;
        await untilEmpty(async () => {
          const answer = await client.send(
            new BatchGetItemCommand({ RequestItems: { [table]: { Keys: [...left], ConsistentRead: true } } }),
          );
          found.push(...(answer.Responses?.[table] ?? []));
          left = answer.UnprocessedKeys?.[table]?.Keys ?? [];
          return left.length === 0;
        });
      });
      return found.map(readItem);
    },
  };
}
