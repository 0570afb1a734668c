import type { PromotionSummary } from "../read-promotions/view.ts";
import type { ShownQuestion } from "../shown-questions.ts";

/** What was asked about a candidate, with no more of the promotion than says which one it is, and how it stands. */
export interface AskedQuestions extends Pick<PromotionSummary, "model" | "target" | "status" | "reason"> {
  readonly promotion: string;
  /** The oldest first. */
  readonly questions: readonly ShownQuestion[];
  /** The reader is one of those who are asked. */
  readonly mayAnswer?: true;
}
