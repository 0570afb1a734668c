import { type ApprovalPolicy, openStageOf, pinnedRequirements } from "../../../core/approval/promotion-approval.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { moveOn, type PromotionMoves } from "../../steps/promotion-store.ts";

// What `decide` did not hear of, or could not do when it did. It is rung by one more revision, which is no fact of the promotion's.

/**
 * Has a review sent back to its gates whose requirements are not those in force any more, where nobody else has: policies that a
 * deployment brings ring nobody, and those that come in force in the moment in which a stage opens may miss it. What runs on loan
 * does not go back. Answers whether it is so.
 */
export async function hasSentBack(
  { policy, promotions }: { readonly policy: ApprovalPolicy; readonly promotions: PromotionMoves },
  id: PromotionId,
): Promise<boolean> {
  const isJudgedOtherwise = (current: Promotion) =>
    current.status === "in-review" &&
    openStageOf(current) !== undefined &&
    pinnedRequirements(policy, current) === undefined;
  return isJudgedOtherwise(await ring(promotions, id, isJudgedOtherwise));
}

/** Has a stage decided that is complete: the record of its last signature may have been given up. Not once somebody else moved it. */
export async function haveDecided(promotions: PromotionMoves, { id, revision }: Promotion): Promise<void> {
  await ring(promotions, id, (current) => current.revision === revision && openStageOf(current) !== undefined);
}

function ring(promotions: PromotionMoves, id: PromotionId, isDue: (current: Promotion) => boolean): Promise<Promotion> {
  return moveOn(promotions, id, (current) =>
    isDue(current) ? { ...current, revision: current.revision + 1 } : undefined,
  );
}
