import type { ApprovalRule } from "../../core/approval/matrix.ts";
import { nextStage, openStageOf, secondsForNextStage } from "../../core/approval/promotion-approval.ts";
import type { Instant } from "../../core/encoding/instant.ts";
import type { Promotion } from "../../core/promotion/promotion.ts";

/** What the waiting state machine is told of a review. */
export type ReviewAnswer =
  | { readonly outcome: "next-stage"; readonly seconds: number }
  | { readonly outcome: "quorum" | "loaned" | "rejected" | "withdrawn" | "requirements-changed" };

/**
 * The answer that follows from what is stored; `undefined` while the stage is open, or where the review ended otherwise.
 *
 * @param rule the one that the promotion is pinned to; absent once another is in force
 */
export function reviewAnswer(
  promotion: Promotion,
  rule: ApprovalRule | undefined,
  now: Instant,
): ReviewAnswer | undefined {
  switch (promotion.status) {
    case "in-review":
      if (openStageOf(promotion) !== undefined) return undefined;
      return { outcome: "next-stage", seconds: secondsForNextStage(rule, promotion, now) };
    case "approved":
    case "deploying":
    case "deployed":
    case "rolled-back":
    case "restricted":
      return { outcome: "quorum" };
    case "rejected":
      return { outcome: "rejected" };
    case "withdrawn":
    case "superseded":
      return { outcome: "withdrawn" };
    case "gating":
      // Only a review that was sent back to the gates is here with a machine still waiting for its stage.
      return promotion.review > 1 ? { outcome: "requirements-changed" } : undefined;
    case "blocked":
    case "shadowing":
    case "expired":
    case "failed":
      return undefined;
    case "loaned":
      // Before the deployment the machine waits for the review's outcome; once it runs, for its being ratified.
      if (promotion.deployment === undefined) return { outcome: "loaned" };
      if (openStageOf(promotion) !== undefined) return undefined;
      // Under other requirements it cannot be ratified any more: verifying it says so.
      return rule === undefined || nextStage(rule, promotion) === undefined
        ? { outcome: "quorum" }
        : { outcome: "next-stage", seconds: secondsForNextStage(rule, promotion, now) };
    default:
      return promotion.status satisfies never;
  }
}
