import type { Instant } from "../../core/encoding/instant.ts";
import type { Fact } from "../../core/promotion/fact.ts";
import { questionsIn } from "../../core/promotion/question.ts";

/** A question by the names of those who asked and answered. */
export interface ShownQuestion {
  readonly id: string;
  readonly by: string;
  readonly at: Instant;
  readonly text: string;
  readonly answer?: { readonly by: string; readonly at: Instant; readonly text: string };
}

/** What reviewers asked and what was answered, the oldest first. */
export function shownQuestions(facts: readonly Fact[]): readonly ShownQuestion[] {
  return questionsIn(facts).map(({ id, by, at, text, answer }) => ({
    id,
    by: by.name,
    at,
    text,
    ...(answer === undefined ? {} : { answer: { by: answer.by.name, at: answer.at, text: answer.text } }),
  }));
}
