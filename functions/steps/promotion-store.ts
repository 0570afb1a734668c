import { Failure } from "../../core/failure.ts";
import type { Promotion } from "../../core/promotion/promotion.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";

/** The part of the promotions table that moves a promotion along. */
export interface PromotionMoves {
  load(id: PromotionId): Promise<Promotion | undefined>;
  /** `lost` where another revision is stored, `late` where it is not known in time whether it was moved. */
  move(next: Promotion): Promise<"moved" | "lost" | "late">;
}

/** A page of a listing. */
export interface PromotionPage {
  readonly promotions: readonly Promotion[];
  /** The ids of those that cannot be read, where the listing is to tell of them: then they hold up no other. */
  readonly unreadable?: readonly string[];
  readonly next?: string;
}

/** So many writes in a row that come to nothing in time say that the table takes none at the moment. */
const mostLate = 3;

/** The promotion, or `not-found`. */
export async function requirePromotion(promotions: Pick<PromotionMoves, "load">, id: PromotionId): Promise<Promotion> {
  const promotion = await promotions.load(id);
  if (promotion === undefined) throw new Failure("not-found", "There is no such promotion.");
  return promotion;
}

/**
 * Moves a promotion to what `next` makes of it, starting again from what is stored whenever somebody else moved it
 * meanwhile. `next` answers `undefined` where there is nothing to do. Answers the promotion as it is then. Throws `unavailable` where
 * the table takes no write in time, and nobody else moved the promotion either: whoever asked tries again later.
 */
export async function moveOn(
  promotions: PromotionMoves,
  id: PromotionId,
  next: (current: Promotion) => Promotion | undefined | Promise<Promotion | undefined>,
): Promise<Promotion> {
  let late = 0;
  let seen: number | undefined;
  for (;;) {
    const current = await requirePromotion(promotions, id);
    if (current.revision !== seen) late = 0;
    seen = current.revision;
    if (late === mostLate) throw new Failure("unavailable", "The promotion could not be moved on in time: try again.");
    const moved = await next(current);
    if (moved === undefined) return current;
    const outcome = await promotions.move(moved);
    if (outcome === "moved") return moved;
    if (outcome === "late") late += 1;
  }
}
