import * as v from "valibot";
import { outcomeOf } from "../../../cli/exit-codes.ts";
import { standingSentence } from "../../../cli/promotion-text.ts";
import type { ListedPromotion } from "../../../cli/service/answers.ts";
// What the steps of follow-promotion.asl.json hand to each other.

/**
 * What the pipeline names as its promotion: CodePipeline takes 1,000 characters of an approval's `customData`, and says nothing where there
 * are none. What is no promotion's id is answered no by the look, rather than never. https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-Approval.html
 */
export const namedSchema = v.optional(v.pipe(v.string(), v.maxLength(1000)), "");

const name = v.pipe(v.string(), v.regex(/^[A-Za-z0-9.@\-_]{1,100}$/));

/**
 * A manual approval that waits: CodePipeline's token names this one request, so an answer cannot reach another run of
 * the pipeline. https://docs.aws.amazon.com/codepipeline/latest/userguide/approvals-json-format.html
 */
export const approvalSchema = v.object({
  pipelineName: name,
  stageName: name,
  actionName: name,
  token: v.pipe(v.string(), v.regex(/^[0-9A-Za-z-]{20,64}$/)),
});
export type WaitingApproval = v.InferOutput<typeof approvalSchema>;

export const seenSchema = v.object({
  ended: v.boolean(),
  passed: v.boolean(),
  outcome: v.string(),
  sentence: v.string(),
});
export type Seen = v.InferOutput<typeof seenSchema>;

/** What a waiting pipeline makes of a promotion. Only what runs passes; a loan is waited through. */
export function seenOf(promotion: ListedPromotion): Seen {
  const outcome = outcomeOf(promotion.status);
  const ended = outcome !== undefined && outcome !== "loaned";
  return { ended, passed: outcome === "deployed", outcome: promotion.status, sentence: standingSentence(promotion) };
}

/** What a waiting pipeline makes of not being told: nothing says that the candidate runs, and the promotion goes on. */
export function refusedLook(sentence: string): Seen {
  return {
    ended: true,
    passed: false,
    outcome: "refused",
    sentence: `Nothing says that the candidate runs, for this pipeline is not told: ${sentence}`,
  };
}
