import type { Sha256 } from "../../encoding/sha256.ts";
import { bodyOf } from "../documents/fact-bodies.ts";
import type { Step } from "../history/replay-promotion.ts";
import type { PromotionRecord } from "../pack/promotion-file.ts";
import type { HeldSignOff } from "../people/verify-sign-offs.ts";
import { hasPassed } from "../policies/verify-policies.ts";
import type { ReviewProblem } from "./verify-review.ts";

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

/**
 * Approvals under conditions that fell, with their conditions, before a verdict that is PASSED all the same: that its signer
 * might not sign any more is the service's word, and it takes away what they asked for.
 */
export function conditionsFallen(steps: readonly Step[], records: readonly PromotionRecord[]): readonly string[] {
  const last = steps.findLast(({ record }) => hasPassed(record));
  const set = new Set(
    records
      .filter(({ record: { body, type } }) => type.startsWith("sign-off") && body["conditions"] !== undefined)
      .map(({ record }) => record.body["signOff"]),
  );
  return steps
    .filter(({ index, record }) => index < (last?.index ?? 0) && record.body["breach"] === undefined)
    .flatMap((step) =>
      fallenIn(step)
        .filter((id) => set.has(id))
        .map((id) => `That the approval ${id}, under conditions, had to fall is told by '${step.record.id}' alone.`),
    );
}

function fallenIn({ record }: Step): readonly Sha256[] {
  if (record.type !== "seat-reopened") return [];
  const body = bodyOf("seat-reopened", record);
  return body.fallen.map(({ signOff }) => signOff);
}
