import type { ApprovalRule } from "../../../core/approval/matrix.ts";
import { nextStage, openStageOf } from "../../../core/approval/promotion-approval.ts";
import { isTooOld } from "../../../core/attestation/verdict.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import { runsOnLoan } from "../../../core/promotion/lending.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { mayBeVerifiedAgain } from "../../../core/promotion/verified-again.ts";
import { whatItWaitedFor } from "../what-it-waits-for.ts";
import { awaitsLoanVerdict } from "./lenders.ts";

/** Whether a verdict is to be signed, or a freeze window to be waited for: over what was approved, over what is lent, and over a loan that the quorum ratified. */
export function awaitsVerdict(
  promotion: Promotion,
  rule: ApprovalRule | undefined,
  isFrozen: boolean,
  now: Instant,
): boolean {
  if (promotion.verdict !== undefined)
    return mayBeVerifiedAgain(promotion) && (isFrozen || isToBeVerifiedAgain(promotion, rule, now));
  if (promotion.status !== "loaned") return promotion.status === "approved";
  if (awaitsLoanVerdict(promotion)) return true;
  // The machine asks again where the answer was lost: whatever was signed meanwhile, it is to be deployed first.
  if (!runsOnLoan(promotion)) return false;
  return rule === undefined ? openStageOf(promotion) === undefined : nextStage(rule, promotion) === undefined;
}

/** Whether nothing could begin under the verdict that was signed: it is too old, or the requirements are others than then. */
function isToBeVerifiedAgain({ verdict }: Promotion, rule: ApprovalRule | undefined, now: Instant): boolean {
  return rule === undefined || (verdict !== undefined && isTooOld(verdict.at, addSeconds(now, clocksApartSeconds)));
}

/** Whoever found it too old may have a clock that is ahead of this one: otherwise the two would go round until they agree. */
const clocksApartSeconds = 60;

/** Why the verdict is FAILED where all signed, and the promotion's time is over. */
export function expiredSentence(promotion: Promotion): string {
  return promotion.verdict === undefined
    ? "The promotion expired before it was verified."
    : `The promotion was approved, and expired before it was deployed.${whatItWaitedFor(promotion)}`;
}
