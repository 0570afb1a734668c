import type { Deployment } from "../../../core/deployment/deployment-target.ts";
import {
  longestWayBack,
  overdueSeconds,
  secondsBetweenLooks,
  secondsUntilNextLook,
} from "../../../core/deployment/release.ts";
import { addSeconds, type Instant, msOfInstant } from "../../../core/encoding/instant.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";

/** Seconds until a release on its way is looked at again. `least`: what the first looks are apart. */
export function secondsUntilLook(
  promotion: Promotion,
  { release, target }: Deployment,
  least: number,
  now: Instant,
): number {
  const { deployment } = promotion;
  return deployment?.rollBack === undefined
    ? secondsBetweenLooks(release, target, least, secondsSince(deployment?.startedAt, now))
    : secondsUntilLookBack(promotion, least, now);
}

/** The same on the way back: whoever waits for it should not wait for hours; where it never comes to its end, the looks must not run out. */
export function secondsUntilLookBack({ deployment }: Promotion, least: number, now: Instant): number {
  if (deployment === undefined) return least;
  const tooLong = secondsSince(deployment.rollBack?.at, now) - longestWayBack(deployment.release);
  return secondsUntilNextLook(least, tooLong);
}

/** Seconds for which what serves is watched yet, by the conditions that it was approved under; none or less once that is over. */
export function secondsWatchedYet({ deployment }: Promotion, now: Instant): number {
  if (deployment === undefined) return 0;
  return Math.ceil((deployment.release.watchSeconds ?? 0) - secondsSince(deployment.startedAt, now));
}

/** Whether the way there, or the one back, has taken longer than it may. */
export function isOverdue({ deployment }: Promotion, { release, target }: Deployment, now: Instant): boolean {
  if (deployment === undefined) return false;
  const { rollBack: back, startedAt } = deployment;
  const over =
    back === undefined
      ? addSeconds(startedAt, overdueSeconds(release, target))
      : addSeconds(back.at, longestWayBack(release));
  return now >= over;
}

function secondsSince(instant: Instant | undefined, now: Instant): number {
  return instant === undefined ? 0 : (msOfInstant(now) - msOfInstant(instant)) / 1000;
}
