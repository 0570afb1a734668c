import { type ApprovalPolicy, openStageOf, pinnedRequirements } from "../../../core/approval/promotion-approval.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { moveOn, type PromotionMoves } from "../../steps/promotion-store.ts";

/**
 * Has `decide` send a review back to its gates whose requirements are not those in force any more, where nobody else has: policies that
 * a deployment brings ring nobody, and those that come in force in the moment in which a stage opens may miss it. Written as one more
 * revision, which `decide` hears of; it is no fact of the promotion's. What runs on loan does not go back. Answers whether it is so.
 */
export async function hasSentBack(
  { policy, promotions }: { readonly policy: ApprovalPolicy; readonly promotions: PromotionMoves },
  id: PromotionId,
): Promise<boolean> {
  const isJudgedOtherwise = (current: Promotion) =>
    current.status === "in-review" &&
    openStageOf(current) !== undefined &&
    pinnedRequirements(policy, current) === undefined;
  const promotion = await moveOn(promotions, id, (current) =>
    isJudgedOtherwise(current) ? { ...current, revision: current.revision + 1 } : undefined,
  );
  return isJudgedOtherwise(promotion);
}
