import * as v from "valibot";
import { isPromotionId } from "../../../../core/promotion/promotion-id.ts";
import { approvalSchema, namedSchema, seenSchema, type WaitingApproval } from "../waiting.ts";

const asked = v.object({ approval: approvalSchema, promotionId: namedSchema, seen: seenSchema });

/** https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ApprovalResult.html */
const longestSummary = 512;

export interface Answer {
  readonly status: "Approved" | "Rejected";
  readonly summary: string;
}

export type PutAnswer = (approval: WaitingApproval, answer: Answer) => Promise<"answered" | "answered-before">;

/**
 * Answers a pipeline's manual approval by what became of the promotion. An approval that has its answer, a person's or
 * an earlier try's, or that is over, keeps it.
 */
export function answerApproval(put: PutAnswer) {
  return async (event: unknown): Promise<{ readonly answer: "answered" | "answered-before" }> => {
    const { approval, promotionId, seen } = v.parse(asked, event);
    if (!seen.ended) throw new Error(`The promotion ${promotionId} has not come to an end.`);
    const status = seen.passed && seen.outcome === "deployed" ? "Approved" : "Rejected";
    const about = isPromotionId(promotionId) ? `Countersign ${promotionId}` : "Countersign";
    return { answer: await put(approval, { status, summary: shortened(`${about}: ${seen.sentence}`) }) };
  };
}

function shortened(text: string): string {
  if (text.length <= longestSummary) return text;
  // No half of a surrogate pair at the cut.
  return `${text.slice(0, longestSummary - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}
