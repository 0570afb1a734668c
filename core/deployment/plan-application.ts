import { type CalendarOutcome, frozenSentence, secondsUntil } from "../approval/calendar.ts";
import type { LostSeat } from "../approval/settled-stages.ts";
import { isTooOld, verdictLifetimeSeconds } from "../attestation/verdict.ts";
import { addSeconds, type Instant } from "../encoding/instant.ts";
import type { Promotion } from "../promotion/promotion.ts";
import { lastWait, mayBeVerifiedAgain } from "../promotion/verified-again.ts";
import { verdictOver } from "./order.ts";

/** Whether the infrastructure plan that was signed may be applied now, and why not where it may not. */
export type PlanApplication = { readonly mayBeApplied: true } | { readonly mayBeApplied: false; readonly why: string };

/** How things stand at the moment at which somebody asks. */
export interface StandingNow {
  /** Whether the requirements in force are those that people signed under. */
  readonly isPinned: boolean;
  readonly calendar: CalendarOutcome;
  /** Seats of those who may not sign any more. */
  readonly lost: readonly Pick<LostSeat, "person" | "why">[];
  readonly now: Instant;
}

/** A part of the time in which a plan has been awaited: some 40 verdicts in 30 days, 55 in the 180 that a review may last. */
const partOfWait = 8;

/**
 * What whoever applies the plan of a candidate is told at this moment, as the deployment after it would be: `undefined` where
 * it comes with none. The verdict under which it is applied is signed anew while it is awaited (0076).
 */
export function planApplication(promotion: Promotion, standing: StandingNow): PlanApplication | undefined {
  if (!comesWithPlan(promotion)) return undefined;
  const why = whyNot(promotion, standing);
  return why === undefined ? { mayBeApplied: true } : { mayBeApplied: false, why };
}

/**
 * Whether another verdict is to be signed although nothing can begin yet: somebody may apply the plan meanwhile, under one that is
 * older than an hour, and than an eighth of the time in which it has been awaited.
 */
export function isVerdictDue(promotion: Promotion, now: Instant): boolean {
  const { verdict } = promotion;
  if (!comesWithPlan(promotion) || !mayBeVerifiedAgain(promotion) || verdict?.result !== "PASSED") return false;
  return now >= addSeconds(verdict.at, secondsUnderVerdict(promotion, now));
}

export function comesWithPlan({ manifest }: Pick<Promotion, "manifest">): boolean {
  return manifest.evidence.some(({ kind }) => kind === "iac-plan");
}

function whyNot(promotion: Promotion, { isPinned, calendar, lost, now }: StandingNow): string | undefined {
  const { status, deployment, verdict } = promotion;
  if (status === "deploying" || status === "deployed") return undefined;
  if (status !== "approved" && status !== "loaned") return `The promotion is ${status}, not approved.`;
  const under = verdictOver(promotion);
  if (under === undefined || (status === "approved" && verdict?.result !== "PASSED")) return "It has no verdict yet.";
  // What has begun is not left half done.
  if (deployment !== undefined) return undefined;
  if (!isPinned)
    return "The requirements have changed since its verdict, and nobody has approved it under those in force.";
  if (calendar.kind === "frozen") return `${frozenSentence(calendar)} Nothing is applied before.`;
  if (status === "loaned")
    return isTooOld(under.at, now)
      ? "The verdict of its loan is older than an hour; nothing begins under it."
      : undefined;
  if (lost.length > 0)
    return `${lost.map(({ person, why }) => `${person.name} ${why}.`).join(" ")} Nothing is applied before that seat is filled again.`;
  // It is signed anew in half of that; whatever stands in its way is found there, and by whom the alarms tell.
  if (now >= addSeconds(under.at, 2 * secondsUnderVerdict(promotion, now)))
    return `Its verdict is of ${under.at}, and by now another should have been signed, for which everything is verified again. Nothing is applied before.`;
  return undefined;
}

/** Seconds after which the verdict of what is awaited is signed anew. */
function secondsUnderVerdict(promotion: Promotion, now: Instant): number {
  const since = lastWait(promotion)?.at ?? now;
  return Math.max(verdictLifetimeSeconds, Math.floor(secondsUntil(now, since) / partOfWait));
}
