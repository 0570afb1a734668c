import type { Sha256 } from "../encoding/sha256.ts";
import { bodyOf } from "./fact-bodies.ts";
import type { Step } from "./replay-promotion.ts";
import type { ReviewProblem } from "./verify-review.ts";
import type { HeldSignOff } from "./verify-sign-offs.ts";

/**
 * Approvals may fall for reasons that a pack cannot tell, since that only stops. A rejection never does: one that fell
 * would let pass what somebody has stopped (design 6.4).
 */
export function recheckFallen(steps: readonly Step[], held: readonly HeldSignOff[]): readonly ReviewProblem[] {
  const rejections = new Set(held.flatMap(({ signOff }) => (signOff.result === "reject" ? [signOff.id] : [])));
  return steps.flatMap((step): readonly ReviewProblem[] => {
    const rejection = fallenIn(step, steps).find((id) => rejections.has(id));
    const sentence = `The rejection ${rejection} is said to fall: a rejection stands whatever becomes of whoever gave it.`;
    return rejection === undefined ? [] : [{ code: "quorum-differs", index: step.index, sentence }];
  });
}

function fallenIn({ record, after }: Step, steps: readonly Step[]): readonly Sha256[] {
  if (record.type !== "seat-reopened") return [];
  const body = bodyOf("seat-reopened", record);
  if (!("from" in body)) return body.fallen.map(({ signOff }) => signOff);
  // In logs of before whatever was signed fell with its review, and nothing of it was kept for the next.
  return steps.some((each) => keepsSome(each, after.review)) ? body.fallen : [];
}

/** Whether a step keeps something of an earlier review for this one. */
function keepsSome({ record }: Step, review: number): boolean {
  if (record.type !== "seat-reopened") return false;
  const body = bodyOf("seat-reopened", record);
  return "kept" in body && body.review === review && body.kept.length > 0;
}
