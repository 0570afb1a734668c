import { hasEnded } from "./life-cycle.ts";
import type { Status } from "./promotion.ts";

const proposeAgain = "Propose the policies again, once what the reason names is mended: they are then reviewed anew.";

/**
 * What whoever stands behind a candidate can do about how its promotion ended; `undefined` where there is nothing to do.
 * Policies are proposed, and submitted by nobody.
 */
export function nextStep(status: Status, ofPolicies = false): string | undefined {
  if (ofPolicies)
    return hasEnded(status) && status !== "withdrawn" && status !== "superseded" ? proposeAgain : undefined;
  switch (status) {
    case "blocked":
      return "Nobody can sign this away: mend what the reason names and submit the candidate again, or propose other bounds.";
    case "rejected":
      return "Mend what the reason names and submit the candidate again: it is then reviewed anew.";
    case "expired":
      return "Submit the candidate again to have it reviewed anew.";
    case "rolled-back":
      return "Find out why it went back, and then submit the candidate again.";
    case "failed":
      return "Submit the candidate again to try once more; if that fails as well, ask whoever runs Countersign.";
    case "gating":
    case "shadowing":
    case "in-review":
    case "approved":
    case "deploying":
    case "deployed":
    case "withdrawn":
    case "superseded":
    case "loaned":
    case "restricted":
      return undefined;
    default:
      return status satisfies never;
  }
}
