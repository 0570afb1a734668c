import type { Promotion } from "../../core/promotion/promotion.ts";
import type { Item } from "./item.ts";
import { partitionOf, readPromotionsItem } from "./promotion-items.ts";

/** The promotion of an item. Throws where it cannot be unpacked, or is not what its key says. */
export function promotionOf(item: Item): Promotion {
  const read = readPromotionsItem(item);
  if (read.kind !== "promotion") throw new Error("a promotion's item does not hold a promotion");
  return read.promotion;
}

/** The promotions of a page, and the ids of those that cannot be read, as somebody changed them by hand or a newer version wrote them. */
export function readablePromotions(items: readonly Item[]): {
  readonly promotions: readonly Promotion[];
  readonly unreadable: readonly string[];
} {
  const promotions: Promotion[] = [];
  const unreadable: string[] = [];
  for (const item of items) {
    const promotion = readIn(item);
    if (promotion === undefined) unreadable.push(String(item["pk"]?.S).replace(/^PROMOTION#/, ""));
    else promotions.push(promotion);
  }
  return { promotions, unreadable };
}

function readIn(item: Item): Promotion | undefined {
  try {
    const promotion = promotionOf(item);
    const whole = item["pk"]?.S === partitionOf(promotion.id) && Array.isArray(promotion.history);
    return whole && typeof promotion.manifest.model.name === "string" ? promotion : undefined;
  } catch {
    return undefined;
  }
}
