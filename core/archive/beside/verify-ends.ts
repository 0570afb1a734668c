import { lastMoment } from "../../approval/promotion-approval.ts";
import { verdictLifetimeSeconds } from "../../attestation/verdict.ts";
import { longestWayBack, overdueSeconds } from "../../deployment/release.ts";
import { addSeconds, type Instant } from "../../encoding/instant.ts";
import { hasEnded } from "../../promotion/life-cycle.ts";
import type { PromotionId } from "../../promotion/promotion-id.ts";
import { lastWait, mayBeVerifiedAgain } from "../../promotion/verified-again.ts";
import { bodyOf } from "../documents/fact-bodies.ts";
import type { Step } from "../history/replay-promotion.ts";
import type { Unchecked } from "../pack/pack-findings.ts";

// Whatever is under way ends, and says so: a review by its time, a deployment by the longest that it may take. A service that
// leaves out how cannot be told from one whose execution was stopped by somebody, so it is said, and no finding.

/** A promotion whose records leave it under way. */
export interface LeftUnderWay {
  readonly promotion: PromotionId;
  /** What it waits for, in words that follow "how". */
  readonly what: "its review ended" | "what it was approved for began" | "its deployment ended";
  /** The latest that this may have been. */
  readonly by: Instant;
}

/** So long whatever stands in the way of a step may last, and somebody may take to help it. */
const helpedWithinSeconds = 86_400;

/** What the end of a promotion's records leaves under way; `undefined` where nothing is. What is lent is asked for its own end. */
export function underWay(steps: readonly Step[]): LeftUnderWay | undefined {
  const last = steps.at(-1);
  if (last === undefined || hasEnded(last.after.status)) return undefined;
  const { id: promotion, status, verdict, expiresAt } = last.after;
  switch (status) {
    case "deployed":
    case "restricted":
    case "loaned":
      return undefined;
    case "deploying":
      return { promotion, what: "its deployment ended", by: latestEnd(steps, last) };
    default:
      return verdict?.result === "PASSED"
        ? { promotion, what: "what it was approved for began", by: latestBeginning(last.after, verdict.at) }
        : { promotion, what: "its review ended", by: expiresAt };
  }
}

/** What it is told to wait for may take as long as the promotion has time; then it is verified again. */
function latestBeginning(promotion: Step["after"], signed: Instant): Instant {
  const hour = addSeconds(signed, verdictLifetimeSeconds);
  const last = lastMoment(promotion);
  return lastWait(promotion) !== undefined && mayBeVerifiedAgain(promotion) && last > hour ? last : hour;
}

/** The longest that a deployment may take, or, once it goes back, its way back. Policies are in force at once. */
function latestEnd(steps: readonly Step[], last: Step): Instant {
  const place = steps.findLastIndex(({ record }) => record.type === "deployment-started");
  const begun = steps[place]?.record;
  if (begun === undefined) return last.record.at;
  const { release } = bodyOf("release", begun);
  const back = steps.slice(place).find(({ record }) => record.type === "rollback")?.record;
  return back === undefined
    ? addSeconds(begun.at, overdueSeconds(release, last.after.manifest.target))
    : addSeconds(back.at, longestWayBack(release));
}

/** Those of which the log should say more, for all that it goes on until `goesTo`. */
export function overdue(all: readonly LeftUnderWay[], goesTo: Instant | undefined): readonly LeftUnderWay[] {
  return all.filter(({ by }) => goesTo !== undefined && goesTo >= addSeconds(by, helpedWithinSeconds));
}

/** What is said of them. */
export function endsUntold(all: readonly LeftUnderWay[], goesTo: Instant | undefined): readonly Unchecked[] {
  return all.map(({ promotion, what, by }) => ({
    promotion,
    sentence: `How ${what}, by ${by} at the latest: the log goes on until ${goesTo}, and no record here says. Its execution was stopped, or its end was left out.`,
  }));
}
