import type { Sha256 } from "../encoding/sha256.ts";
import { bodyOf } from "./fact-bodies.ts";
import type { Step } from "./replay-promotion.ts";
import type { ReviewProblem } from "./verify-review.ts";
import type { HeldSignOff } from "./verify-sign-offs.ts";

/**
 * Approvals may fall for reasons that a pack cannot tell, since that only stops. A rejection never does: one that fell
 * would let pass what somebody has stopped (design 6.4). Whatever falls was signed: its own record tells by whom.
 */
export function recheckFallen(steps: readonly Step[], held: readonly HeldSignOff[]): readonly ReviewProblem[] {
  const known = new Set(held.map(({ signOff }) => signOff.id));
  const rejections = held.flatMap(({ signOff }) => (signOff.result === "reject" ? [signOff] : []));
  return steps.flatMap((step): readonly ReviewProblem[] => {
    const fallen = new Set(fallenIn(step));
    const problem = (sentence: string) => ({ code: "quorum-differs" as const, index: step.index, sentence });
    const unknown = [...fallen].find((id) => !known.has(id));
    if (unknown !== undefined)
      return [
        problem(`The sign-off ${unknown} is said to fall, and no record has it: what was signed is not all here.`),
      ];
    const rejection = rejections.find(({ id }) => fallen.has(id))?.id;
    const sentence = `The rejection ${rejection} is said to fall: a rejection stands whatever becomes of whoever gave it.`;
    return rejection === undefined ? [] : [problem(sentence)];
  });
}

function fallenIn({ record }: Step): readonly Sha256[] {
  if (record.type !== "seat-reopened") return [];
  const body = bodyOf("seat-reopened", record);
  return body.fallen.map(({ signOff }) => signOff);
}
