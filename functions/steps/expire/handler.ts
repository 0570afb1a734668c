import type { ApprovalRule } from "../../../core/approval/matrix.ts";
import { openStageOf } from "../../../core/approval/promotion-approval.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import { advance } from "../../../core/promotion/life-cycle.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { type ReviewAnswer, reviewAnswer } from "../../review-answer.ts";
import { moveOn, type PromotionMoves } from "../promotion-store.ts";

export interface ExpirePorts {
  readonly now: () => Instant;
  readonly promotions: PromotionMoves;
  readonly ruleOf: (promotion: Promotion) => ApprovalRule;
}

export type ExpireAnswer = ReviewAnswer | { readonly outcome: "expired" };

/**
 * Record the expiry. The table has the last word: where a decision was written before the time ran out, and only
 * its bell came too late, that decision is answered.
 */
export function expire(ports: ExpirePorts) {
  return async ({ promotionId }: { readonly promotionId: PromotionId }): Promise<ExpireAnswer> => {
    const promotion = await moveOn(ports.promotions, promotionId, (current) => {
      const stage = openStageOf(current);
      // A review that went back to the gates has no stage either, but it has to be judged again first.
      const neverOpened = current.status === "gating" && current.stage === undefined && current.gates !== undefined;
      if (stage === undefined && !neverOpened) return undefined;
      const reason =
        stage === undefined
          ? "The promotion expired before its review opened."
          : `Nobody completed the stage '${stage.name}' in time.`;
      return advance(
        current,
        { status: "expired", reason, ...(stage === undefined ? {} : { stage: { ...stage, open: false } }) },
        {
          type: "expired",
          at: ports.now(),
          summary: reason,
          body: stage === undefined ? {} : { stage: stage.index },
          attachments: [],
        },
      );
    });
    return reviewAnswer(promotion, ports.ruleOf(promotion), ports.now()) ?? { outcome: "expired" };
  };
}
