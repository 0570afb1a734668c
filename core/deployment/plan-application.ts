import { type CalendarOutcome, frozenSentence } from "../approval/calendar.ts";
import type { Promotion } from "../promotion/promotion.ts";
import { verdictOver } from "./order.ts";

/** Whether the infrastructure plan that was signed may be applied now, and why not where it may not. */
export type PlanApplication = { readonly mayBeApplied: true } | { readonly mayBeApplied: false; readonly why: string };

/**
 * What whoever applies the plan of a candidate is told at this moment, as the deployment after it would be: `undefined` where
 * it comes with none. A verdict that is older than a deployment takes is good for it: what is awaited is verified again
 * once it is there (0076).
 *
 * @param isPinned whether the requirements in force are those that people signed under
 */
export function planApplication(
  promotion: Promotion,
  { isPinned, calendar }: { readonly isPinned: boolean; readonly calendar: CalendarOutcome },
): PlanApplication | undefined {
  if (!promotion.manifest.evidence.some(({ kind }) => kind === "iac-plan")) return undefined;
  const why = whyNot(promotion, isPinned, calendar);
  return why === undefined ? { mayBeApplied: true } : { mayBeApplied: false, why };
}

function whyNot(promotion: Promotion, isPinned: boolean, calendar: CalendarOutcome): string | undefined {
  const { status, deployment, verdict } = promotion;
  if (status === "deploying" || status === "deployed") return undefined;
  if (status !== "approved" && status !== "loaned") return `The promotion is ${status}, not approved.`;
  if (verdictOver(promotion) === undefined || (status === "approved" && verdict?.result !== "PASSED"))
    return "It has no verdict yet.";
  // What has begun is not left half done.
  if (deployment !== undefined) return undefined;
  if (!isPinned)
    return "The requirements have changed since its verdict, and nobody has approved it under those in force.";
  if (calendar.kind === "frozen") return `${frozenSentence(calendar)} Nothing is applied before.`;
  return undefined;
}
