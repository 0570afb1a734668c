import {
  type ApprovalPolicy,
  calendarNow,
  openStageOf,
  pinnedRequirements,
} from "../../../core/approval/promotion-approval.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { moveOn, type PromotionMoves } from "../../steps/promotion-store.ts";

// What `decide` did not hear of, could not do when it did, or did without being heard. It is rung by one more revision, which is no fact
// of the promotion's.

export interface RingPorts {
  readonly now: () => Instant;
  readonly policy: ApprovalPolicy;
  readonly promotions: PromotionMoves;
}

/** So long after the last of a promotion was told, its execution has gone on by itself. */
const goesOnSeconds = 3600;

/**
 * The promotion as it is; `undefined` where `decide` was rung for it. A review goes back to its gates whose requirements are not those in
 * force any more, where nobody else has sent it: policies that a deployment brings ring nobody, and those that come in force in the moment
 * in which a stage opens may miss it. What runs on loan does not go back. Of what was decided the execution is told once more, where it
 * has not gone on since: it would learn of it when the time of the stage is over.
 */
export async function unlessRung(ports: RingPorts, id: PromotionId): Promise<Promotion | undefined> {
  const { policy, promotions, now } = ports;
  const isDue = (current: Promotion) => isJudgedOtherwise(policy, current) || isUnheard(policy, current, now());
  const current = await ring(promotions, id, isDue);
  return isDue(current) ? undefined : current;
}

function isJudgedOtherwise(policy: ApprovalPolicy, promotion: Promotion): boolean {
  return (
    promotion.status === "in-review" &&
    openStageOf(promotion) !== undefined &&
    pinnedRequirements(policy, promotion) === undefined
  );
}

function isUnheard(policy: ApprovalPolicy, promotion: Promotion, now: Instant): boolean {
  const last = promotion.history.at(-1);
  if (last === undefined || now < addSeconds(last.at, goesOnSeconds) || openStageOf(promotion) !== undefined)
    return false;
  // In a freeze window what is approved waits without a bell.
  return (
    isTold(promotion) && (promotion.status !== "approved" || calendarNow(policy, promotion, now).kind !== "frozen")
  );
}

/** Whether the execution is told by the bell alone what to do next. */
function isTold({ status, review, gates, verdict, deployment, loan }: Promotion): boolean {
  switch (status) {
    case "in-review":
      return true;
    case "approved":
      return verdict === undefined;
    case "gating":
      return review > 1 && gates === undefined;
    case "loaned":
      return deployment === undefined ? verdict === undefined : loan?.runningSince !== undefined;
    default:
      return false;
  }
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
