import { Failure } from "../../core/failure.ts";
import type { Promotion } from "../../core/promotion/promotion.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";

/** The part of the promotions table that moves a promotion along. */
export interface PromotionMoves {
  load(id: PromotionId): Promise<Promotion | undefined>;
  move(next: Promotion): Promise<"moved" | "lost">;
}

/** The promotion, or `not-found`. */
export async function requirePromotion(promotions: Pick<PromotionMoves, "load">, id: PromotionId): Promise<Promotion> {
  const promotion = await promotions.load(id);
  if (promotion === undefined) throw new Failure("not-found", "There is no such promotion.");
  return promotion;
}

/**
 * Moves a promotion to what `next` makes of it, starting again from what is stored whenever somebody else moved it
 * meanwhile. `next` answers `undefined` where there is nothing to do. Answers the promotion as it is then.
 */
export async function moveOn(
  promotions: PromotionMoves,
  id: PromotionId,
  next: (current: Promotion) => Promotion | undefined | Promise<Promotion | undefined>,
): Promise<Promotion> {
  for (;;) {
    const current = await requirePromotion(promotions, id);
    const moved = await next(current);
    if (moved === undefined) return current;
    if ((await promotions.move(moved)) === "moved") return moved;
  }
}
