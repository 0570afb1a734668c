import type { Instant } from "../encoding/instant.ts";
import type { Promotion } from "../promotion/promotion.ts";
import { verdictOver } from "./order.ts";

/** What somebody is about to let run, in the words that a workload of ours carries. */
export interface AboutToRun {
  /** The target's name. */
  readonly target: string;
  readonly verdict: string;
  readonly image: string;
  /** SHA-256 of the model artifact. */
  readonly model: string;
}

/**
 * Why a promotion is no ground for letting this run now, in a sentence; `undefined`: it may, as long as its verdict itself
 * is sound. Asked again and again while it runs, so the verdict's age does not matter.
 */
export function whyMayNotRun(promotion: Promotion, asked: AboutToRun, now: Instant): string | undefined {
  const { status, manifest, deployment, verdict, loan, expiresAt } = promotion;
  switch (status) {
    case "deploying":
    case "deployed":
      break;
    case "loaned":
      if (now >= expiresAt) return "The loan on which it ran is over.";
      break;
    case "gating":
    case "shadowing":
    case "in-review":
    case "approved":
    case "blocked":
    case "rejected":
    case "expired":
    case "withdrawn":
    case "superseded":
    case "rolled-back":
    case "failed":
    case "restricted":
      return `The promotion is ${status}, and so nothing of it may run.`;
    default:
      return status satisfies never;
  }
  if (deployment === undefined || verdictOver(promotion) === undefined) return "Nothing of the promotion was deployed.";
  if (manifest.target.name !== asked.target)
    return `It was approved for the target '${manifest.target.name}', not for '${asked.target}'.`;
  // What was lent and ratified since still carries the loan's verdict.
  if (asked.verdict !== verdict?.sha256 && asked.verdict !== loan?.verdict?.sha256)
    return "The verdict is another than the promotion's.";
  const { image, model } = deployment.serves;
  if (asked.image !== image) return "The image is another than the approved one.";
  if (asked.model !== model.sha256) return "The model is another than the approved one.";
  return undefined;
}
