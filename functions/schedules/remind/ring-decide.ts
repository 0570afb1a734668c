import { confirmedLoans } from "../../../core/approval/loan.ts";
import {
  type ApprovalPolicy,
  calendarNow,
  openStageOf,
  pinnedRequirements,
} from "../../../core/approval/promotion-approval.ts";
import { addSeconds, type Instant, msOfInstant } from "../../../core/encoding/instant.ts";
import { isLoanRefused } from "../../../core/promotion/lending.ts";
import type { LenderSignature } from "../../../core/promotion/loan.ts";
import type { Promotion, Status } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { type AskedReviewersPorts, reviewInput } from "../../people/asked-reviewers.ts";
import { moveOn, type PromotionMoves } from "../../steps/promotion-store.ts";

// What `decide` did not hear of, could not do when it did, or did without being heard. It is rung by one more revision, which is no fact
// of the promotion's.

export interface RingPorts extends AskedReviewersPorts {
  readonly promotions: AskedReviewersPorts["promotions"] & PromotionMoves;
}

/**
 * So long after the last of a promotion was told, its execution has gone on by itself. Where it has not it is told again, after twice as
 * long each time: one that failed in its clean-up, which an alarm tells people, never goes on.
 */
const goesOnSeconds = 3600;

/** Of what has ended these alone are told by the bell; the others are written down by a step of the execution's own. */
export const endsTold = ["rejected", "withdrawn", "superseded"] as const satisfies readonly Status[];

/** What two lenders sign is for now, and `decide` is there within seconds. */
const lendsSeconds = 300;

/**
 * The promotion as it is; `undefined` where `decide` was rung for it. A review goes back to its gates whose requirements are not those in
 * force any more, where nobody else has sent it: policies that a deployment brings ring nobody, and those that come in force in the moment
 * in which a stage opens may miss it. What runs on loan does not go back. Of two lenders' signatures nothing may have been decided, since
 * the record of the second was given up. Of what was decided the execution is told once more, where it has not gone on since: it would
 * learn of it when the time of the stage is over, and what is staged for a promotion that has ended, or serves on loan, would stay until then.
 */
export async function unlessRung(ports: RingPorts, id: PromotionId): Promise<Promotion | undefined> {
  const { policy, now } = ports;
  let isDue = false;
  const current = await moveOn(ports.promotions, id, async (stored) => {
    const at = now();
    const isToldAgain = isUnheard(policy, stored, at);
    isDue = isToldAgain || isJudgedOtherwise(policy, stored) || (await isLent(ports, stored));
    if (!isDue) return undefined;
    return isToldAgain ? { ...rungFor(stored), toldAgainAt: at } : rungFor(stored);
  });
  return isDue ? undefined : current;
}

/**
 * Whether a loan that `decide` would give was confirmed in this review, a while ago, and neither given nor refused. What it would not, as
 * where one of the two approved at the same moment, it tells nobody: the stage goes on, and people are reminded of it.
 */
async function isLent(ports: RingPorts, promotion: Promotion): Promise<boolean> {
  if (promotion.status !== "in-review" || openStageOf(promotion) === undefined) return false;
  const latest = addSeconds(ports.now(), -lendsSeconds);
  const isUnheardOf = (second: LenderSignature) =>
    second.confirms !== undefined && second.recordedAt <= latest && !isLoanRefused(promotion, second);
  const signatures = (await ports.promotions.loans(promotion.id)).map(({ signature }) => signature);
  // Who everybody is takes longer to ask, and hardly ever matters.
  const approval = signatures.some(isUnheardOf) ? await reviewInput(promotion, ports, "asked") : undefined;
  if (approval === undefined) return false;
  return confirmedLoans(signatures, { promotion, approval }).some(({ second }) => isUnheardOf(second));
}

function isJudgedOtherwise(policy: ApprovalPolicy, promotion: Promotion): boolean {
  return (
    promotion.status === "in-review" &&
    openStageOf(promotion) !== undefined &&
    pinnedRequirements(policy, promotion) === undefined
  );
}

/** Whether the execution was told something by the bell alone, a while ago, and has not gone on since. */
export function isUnheard(policy: ApprovalPolicy, promotion: Promotion, now: Instant): boolean {
  const last = promotion.history.at(-1);
  if (last === undefined || now < goesOnUntil(last.at, promotion) || openStageOf(promotion) !== undefined) return false;
  // By then it has waited long enough for any stage, or there is no execution any more.
  if (now >= promotion.expiresAt) return false;
  return isTold(promotion) && !(waitsByTheClock(promotion) && calendarNow(policy, promotion, now).kind === "frozen");
}

/** Until when the execution of a promotion is given to go on, since what was told last, or since that was told again. */
function goesOnUntil(last: Instant, { toldAgainAt: again }: Promotion): Instant {
  if (again === undefined || again <= last) return addSeconds(last, goesOnSeconds);
  return addSeconds(again, Math.max(goesOnSeconds, (msOfInstant(again) - msOfInstant(last)) / 1000));
}

/** Whether the execution is told by the bell alone what to do next. */
function isTold({ status, review, stage, gates, verdict, deployment, loan, history }: Promotion): boolean {
  const runsOnLoan = loan?.runningSince !== undefined;
  switch (status) {
    case "in-review":
      return true;
    case "approved":
      return verdict === undefined;
    case "gating":
      return review > 1 && gates === undefined;
    case "loaned":
      return deployment === undefined ? verdict === undefined : runsOnLoan;
    case "rejected":
    case "withdrawn":
    case "superseded": {
      // Before its stage opens an execution comes upon the end by itself, and so it does once all is signed.
      const waited = stage !== undefined || (review > 1 && gates === undefined);
      const isCleanedUp = history.some(({ type }) => type === "clean-up");
      return waited && !isCleanedUp && (verdict === undefined || runsOnLoan);
    }
    default:
      return false;
  }
}

/** Whether its last stage was decided: in a freeze window what is approved waits without a bell, whatever becomes of it meanwhile. */
function waitsByTheClock({ status, history }: Promotion): boolean {
  if (status === "in-review" || status === "loaned") return false;
  return history.findLast(({ type }) => type === "stage-opened" || type === "stage-decided")?.type === "stage-decided";
}

/** Has a stage decided that is complete: the record of its last signature may have been given up. Not once somebody else moved it. */
export async function haveDecided(promotions: PromotionMoves, { id, revision }: Promotion): Promise<void> {
  await moveOn(promotions, id, (current) =>
    current.revision === revision && openStageOf(current) !== undefined ? rungFor(current) : undefined,
  );
}

function rungFor(promotion: Promotion): Promotion {
  return { ...promotion, revision: promotion.revision + 1 };
}
