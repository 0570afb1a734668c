import type { PromotionSummary } from "../read-promotions/view.ts";
import type { ShownQuestion } from "../shown-questions.ts";

/** What was asked about a candidate, with no more of the promotion than says which one it is. */
export interface AskedQuestions extends Pick<PromotionSummary, "model" | "target" | "status"> {
  readonly promotion: string;
  /** The oldest first. */
  readonly questions: readonly ShownQuestion[];
  /** The reader is one of those who are asked. */
  readonly mayAnswer?: true;
}
