import { secondsUntil } from "../../../core/approval/calendar.ts";
import type { ApprovalRule } from "../../../core/approval/matrix.ts";
import {
  type ApprovalPolicy,
  nextStage,
  openStageOf,
  pinnedRequirements,
} from "../../../core/approval/promotion-approval.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import { withLoanEnded } from "../../../core/promotion/lending.ts";
import { advance } from "../../../core/promotion/life-cycle.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { type LentSeatsPorts, lentSeats } from "../../people/lent-seats.ts";
import { type ReviewAnswer, reviewAnswer } from "../../review/review-answer.ts";
import { reviewDecision } from "../../review/review-decision.ts";
import { moveOn, type PromotionMoves } from "../promotion-store.ts";

export interface ExpirePorts extends LentSeatsPorts {
  readonly now: () => Instant;
  readonly policy: ApprovalPolicy;
  readonly promotions: PromotionMoves & LentSeatsPorts["promotions"];
}

export type ExpireAnswer = ReviewAnswer | { readonly outcome: "expired" };

/**
 * Record the expiry. The table has the last word: where the sign-offs that came in time decide the stage, or two
 * people lent its seats in time, that is the outcome, although `decide` or its bell came too late.
 */
export function expire(ports: ExpirePorts) {
  return async ({ promotionId }: { readonly promotionId: PromotionId }): Promise<ExpireAnswer> => {
    const judged = await moveOn(ports.promotions, promotionId, decidedInTime);
    const left = secondsLeft(judged, ports.now());
    // The machine began to wait before the stage was open: whoever was told until when has all of that time.
    if (left > 0) return { outcome: "next-stage", seconds: left };
    const promotion = await moveOn(ports.promotions, promotionId, expired);
    return reviewAnswer(promotion, ruleOf(promotion), ports.now()) ?? { outcome: "expired" };
  };

  function ruleOf(promotion: Promotion): ApprovalRule | undefined {
    return pinnedRequirements(ports.policy, promotion)?.rule;
  }

  async function decidedInTime(current: Promotion): Promise<Promotion | undefined> {
    const stage = openStageOf(current);
    const requirements = pinnedRequirements(ports.policy, current);
    // Sign-offs under other requirements count for nothing any more, and for a review under the new ones it is too late.
    if (stage === undefined || requirements === undefined) return undefined;
    const signOffs = async () =>
      (await ports.promotions.signOffs(current.id)).filter(({ signOff }) => signOff.recordedAt < stage.deadline);
    // Of a loan that is over and nobody signed for, nothing is left to decide: it ends, whether or not the directory answers.
    if (current.status === "loaned" && ports.now() >= current.expiresAt && current.carried === undefined)
      if ((await signOffs()).every(({ signOff }) => signOff.review !== current.review)) return undefined;
    const judged = { requirements, signOffs, now: ports.now };
    return (await reviewDecision(ports, current, judged)) ?? (await lentSeats(ports, current, judged));
  }

  function expired(current: Promotion): Promotion | undefined {
    const now = ports.now();
    const stage = openStageOf(current);
    if (current.status === "loaned")
      return loanOver(current, ruleOf(current), now) ? withLoanEnded(current, now) : undefined;
    const reason = whyOver(current, now);
    if (reason === undefined) return undefined;
    return advance(
      current,
      { status: "expired", reason, ...(stage === undefined ? {} : { stage: { ...stage, open: false } }) },
      {
        type: "expired",
        at: now,
        summary: reason,
        body: stage === undefined ? {} : { stage: stage.index },
        attachments: [],
      },
    );
  }
}

/** Of a stage that is open. What is lent and not deployed yet waits for no stage. */
function secondsLeft(promotion: Promotion, now: Instant): number {
  const stage = openStageOf(promotion);
  const waits = promotion.status !== "loaned" || promotion.deployment !== undefined;
  return stage === undefined || !waits || now >= stage.deadline ? 0 : secondsUntil(stage.deadline, now);
}

/**
 * Whether a loan is over without having been ratified. What was complete in time is still verified. The machine may have waited for
 * a stage whose time was shorter, before the seats that it lacked were lent: that is no end of the loan.
 */
function loanOver(promotion: Promotion, rule: ApprovalRule | undefined, now: Instant): boolean {
  if (rule !== undefined && nextStage(rule, promotion) === undefined) return false;
  return now >= promotion.expiresAt;
}

/** Why nothing can be decided any more; `undefined` where something was. */
function whyOver(promotion: Promotion, now: Instant): string | undefined {
  const stage = openStageOf(promotion);
  if (stage !== undefined) return `Nobody completed the stage '${stage.name}' in time.`;
  // A review that went back to the gates has no stage either, but it has to be judged again first.
  if (promotion.status === "gating" && promotion.stage === undefined && promotion.gates !== undefined) {
    return "The promotion expired before its review opened.";
  }
  // One stage was complete in time, but nobody could sign for the next any more.
  if (promotion.status === "in-review" && now >= promotion.expiresAt) {
    return "The promotion expired before its next stage opened.";
  }
  return undefined;
}
