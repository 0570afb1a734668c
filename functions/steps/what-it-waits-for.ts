import { secondsUntil } from "../../core/approval/calendar.ts";
import { lastMoment } from "../../core/approval/promotion-approval.ts";
import { secondsUntilAwaited } from "../../core/deployment/release.ts";
import type { Instant } from "../../core/encoding/instant.ts";
import type { Fact } from "../../core/promotion/fact.ts";
import { advance } from "../../core/promotion/life-cycle.ts";
import type { Promotion } from "../../core/promotion/promotion.ts";
import { lastWait } from "../../core/promotion/verified-again.ts";

/**
 * The promotion as it waits before it is deployed; `undefined` where that was told already, and where nothing waits any more, since it was
 * withdrawn or superseded while what it waits for was asked about. `until`: what it waits for, in words
 * that follow "once".
 */
export function withWait(promotion: Promotion, until: string, body: Fact["body"], at: Instant): Promotion | undefined {
  if ((promotion.status !== "approved" && promotion.status !== "loaned") || promotion.deployment !== undefined)
    return undefined;
  const summary = `${waits}${until}.`;
  if (promotion.history.some((fact) => fact.type === "held" && fact.summary === summary)) return undefined;
  return advance(promotion, {}, { type: "held", at, summary, body, attachments: [] });
}

/** What it was told last to wait for, as a sentence that follows those of why it ended; empty where nothing was told. */
export function whatItWaitedFor(promotion: Pick<Promotion, "history">): string {
  const told = lastWait(promotion)?.summary;
  return told === undefined ? "" : ` What it waited for: ${told.slice(waits.length)}`;
}

/**
 * Seconds until it is looked at again whether what it waits for is there: less often the longer that takes, for an execution has only so
 * many steps, and in time to say that its own time is over.
 *
 * @param least seconds between two looks at the beginning
 */
export function secondsUntilLook(
  promotion: Pick<Promotion, "history" | "expiresAt">,
  least: number,
  now: Instant,
): number {
  const since = lastWait(promotion)?.at ?? now;
  const left = secondsUntil(lastMoment(promotion), now);
  return Math.max(least, Math.min(secondsUntilAwaited(least, secondsUntil(now, since)), left));
}

const waits = "Everybody has signed; it is deployed once ";
