import { inRecordedOrder, latestDecisions } from "../approval/approval-input.ts";
import { personOf } from "../approval/entitlement.ts";
import type { Sha256 } from "../encoding/sha256.ts";
import { bodyOf } from "./fact-bodies.ts";
import type { PeopleThen } from "./people-then.ts";
import type { PeopleTold } from "./people-told.ts";
import type { Step } from "./replay-promotion.ts";
import { type ReviewProblem, signOffsIn } from "./verify-review.ts";
import type { HeldSignOff } from "./verify-sign-offs.ts";

/**
 * Approvals may fall for reasons that a pack cannot tell, since that only stops. A rejection never does: one that fell
 * would let pass what somebody has stopped (design 6.4).
 */
export function recheckFallen(
  steps: readonly Step[],
  held: readonly HeldSignOff[],
  people: PeopleTold,
): readonly ReviewProblem[] {
  const rejections = held.flatMap(({ signOff }) => (signOff.result === "reject" ? [signOff] : []));
  if (rejections.length === 0) return [];
  return steps.flatMap((step): readonly ReviewProblem[] => {
    const fallen = new Set(fallenIn(step));
    const replaced = (id: Sha256) => people.asDecided(step).some((those) => fellLongSince(id, step, held, those));
    const rejection = rejections.find(({ id }) => fallen.has(id) && !replaced(id))?.id;
    const sentence = `The rejection ${rejection} is said to fall: a rejection stands whatever becomes of whoever gave it.`;
    return rejection === undefined ? [] : [{ code: "quorum-differs", index: step.index, sentence }];
  });
}

function fallenIn({ record }: Step): readonly Sha256[] {
  if (record.type !== "seat-reopened") return [];
  const body = bodyOf("seat-reopened", record);
  return "from" in body ? body.fallen : body.fallen.map(({ signOff }) => signOff);
}

/** In logs of before everything is named that was signed in a review when it ends: also what its author had taken back. */
function fellLongSince(
  id: Sha256,
  { record, before }: Step,
  held: readonly HeldSignOff[],
  { members, people }: PeopleThen,
): boolean {
  if (!("from" in record.body) || before === undefined) return false;
  const { review } = before;
  const own = inRecordedOrder(signOffsIn(held, review)).filter((signOff) => signOff.review === review);
  const stage = own.find((signOff) => signOff.id === id)?.stage;
  if (stage === undefined) return false;
  const latest = latestDecisions(own, { review, stage }, personOf(members, people));
  return [...latest.values()].every((signOff) => signOff.id !== id);
}
