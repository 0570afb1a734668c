import { type CalendarOutcome, frozenSentence } from "../../../core/approval/calendar.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import type { Promotion, Status } from "../../../core/promotion/promotion.ts";
import { mayBeVerifiedAgain } from "../../../core/promotion/verified-again.ts";

/** Approved, or lent: each under a verdict that says which. */
export const deployable: readonly Status[] = ["approved", "deploying", "loaned"];

export interface BeginPorts {
  readonly now: () => Instant;
  readonly calendar: (promotion: Promotion, now: Instant) => CalendarOutcome;
  readonly isPinned: (promotion: Promotion) => boolean;
}

/**
 * Whether its deployment may begin now, or go on. `held`: a freeze window began after the verdict, and it is verified
 * again once that is over. Throws `deployment-refused`.
 * @param goesBack whether its execution can go back to the verification
 */
export function mayBegin(promotion: Promotion, goesBack: boolean, ports: BeginPorts): "free" | "held" {
  const { status } = promotion;
  if (!deployable.includes(status))
    throw new Failure("deployment-refused", `The promotion is ${status}, not approved.`);
  const now = ports.now();
  // Also where it was written down that it begins, and the target has not taken it yet.
  requireNotOver(promotion, now);
  // What has begun to deploy is not left half done.
  if (promotion.deployment !== undefined) return "free";
  // What is lent does not go back to the gates.
  if (status === "loaned" && !ports.isPinned(promotion))
    throw new Failure(
      "deployment-refused",
      "The requirements changed after the verdict was signed, so nobody has lent it under those in force; submit it again.",
    );
  const calendar = ports.calendar(promotion, now);
  if (calendar.kind !== "frozen") return "free";
  if (goesBack && mayBeVerifiedAgain(promotion)) return "held";
  throw new Failure("deployment-refused", `${frozenSentence(calendar)} Nothing is deployed before; submit it again.`);
}

export function requireNotOver({ status, expiresAt }: Promotion, at: Instant): void {
  if (status === "loaned" && at >= expiresAt)
    throw new Failure("deployment-refused", "The loan was over before what was lent could be deployed.");
}
