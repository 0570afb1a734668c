import { keptIsTold } from "../../approval/earlier-review.ts";
import type { Requirements } from "../../approval/requirements.ts";
import type { LedgerRecord } from "../../promotion/fact.ts";
import type { Change } from "../../promotion/life-cycle.ts";
import type { Promotion } from "../../promotion/promotion.ts";
import { shadowSettled } from "../../promotion/shadow.ts";
import { bodyOf } from "../documents/fact-bodies.ts";
import { misplaced } from "./misplaced.ts";
import { lentOr } from "./replay-loan.ts";

/** What a record that opens seats again changes: a review that begins anew, what is kept of the one before, seats that fell. */
export function reopenedChange(
  promotion: Promotion,
  requirements: Requirements | undefined,
  record: LedgerRecord,
): Change {
  const body = bodyOf("seat-reopened", record);
  if ("from" in body) {
    // By what was asked before it runs to its end, and is judged by what is asked now.
    if (promotion.status === "shadowing") throw misplaced(record, `the promotion is ${promotion.status}`);
    return {
      status: "gating",
      requirements: { sha256: body.to },
      review: promotion.review + 1,
      settled: [],
      stage: undefined,
      gates: undefined,
      verdict: undefined,
    };
  }
  if ("kept" in body) {
    if (promotion.status !== "gating" || promotion.gates?.outcome !== "passed" || body.review !== promotion.review)
      throw misplaced(record, "no gates passed again before it");
    if (!shadowSettled(requirements?.rule.shadow, promotion))
      throw misplaced(record, "the candidate has not run in shadow as its rule asks");
    if (keptIsTold(promotion)) throw misplaced(record, "what is kept of the review before was told already");
    return { invalidated: [...promotion.invalidated, ...body.fallen] };
  }
  const fallen = new Set(body.fallen.map(({ signOff }) => signOff));
  const taken = "breach" in body;
  if (promotion.status === "gating") throw misplaced(record, "the promotion is gating");
  if (taken !== (promotion.status === "deploying"))
    throw misplaced(record, `the promotion is ${promotion.status}, so nothing is taken back`);
  // Whoever may still sign is asked once all have signed: before, a stage that is open would have its time again.
  const seated = new Set(promotion.settled.flatMap(({ seats }) => seats.map(({ signOff }) => signOff)));
  const fell = fallen.size > 0 && [...fallen].every((signOff) => seated.has(signOff));
  if (!taken && (promotion.status === "in-review" || promotion.stage?.open === true || !fell))
    throw misplaced(record, "no seat of what was approved fell");
  return {
    status: lentOr(promotion, "in-review"),
    settled: promotion.settled.filter(({ seats }) => !seats.some(({ signOff }) => fallen.has(signOff))),
    invalidated: [...promotion.invalidated, ...body.fallen],
    verdict: undefined,
    ...(promotion.stage === undefined ? {} : { stage: { ...promotion.stage, open: false } }),
  };
}
