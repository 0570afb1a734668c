import type { ShownPromotion } from "../api/contract.ts";
import { messages } from "../messages/catalogue.ts";
import type { Session } from "../session/session.ts";
import { Badge } from "../ui/badge.tsx";
import { Section } from "../ui/section.tsx";
import { Foreign, LongForeign } from "../ui/text.tsx";
import { Time } from "../ui/time.tsx";
import { SendForm } from "./send-form.tsx";

/** What reviewers asked, and what was answered; whoever had a hand in the candidate may answer here. */
export function QuestionsSection(props: {
  /** The promotion's. */
  readonly id: string;
  readonly questions: ShownPromotion["questions"];
  readonly mayAnswer: boolean;
  readonly session: Session;
  readonly onExpired: () => void;
  readonly onSent: () => void;
}) {
  const { id, questions, mayAnswer } = props;
  const words = messages.questions;
  if (questions.length === 0) return null;
  const open = questions.filter(({ answer }) => answer === undefined).length;
  return (
    <Section id="questions" heading={words.heading}>
      <p role="status">
        <Badge tone={open === 0 ? "good" : "warn"} text={open === 0 ? words.answered : words.open(open)} />
      </p>
      <ol class="plain-list">
        {questions.map((question) => (
          <li key={question.id} class="question">
            <Said by={question.by} verb={words.asks} at={question.at} text={question.text} />
            {question.answer !== undefined ? (
              <Said by={question.answer.by} verb={words.answers} at={question.answer.at} text={question.answer.text} />
            ) : mayAnswer ? (
              <SendForm
                session={props.session}
                onExpired={props.onExpired}
                onSent={props.onSent}
                id={`answer-${question.id}`}
                label={words.answer}
                button={words.sendAnswer}
                path={`/v1/promotions/${id}/questions/${question.id}/answer`}
                bodyOf={(text) => ({ text })}
              />
            ) : (
              <p class="quiet">{words.noAnswer}</p>
            )}
          </li>
        ))}
      </ol>
    </Section>
  );
}

function Said(props: { readonly by: string; readonly verb: string; readonly at: string; readonly text: string }) {
  return (
    <>
      <p>
        <Foreign text={props.by} /> {props.verb}{" "}
        <span class="quiet">
          <Time at={props.at} />
        </span>
      </p>
      <blockquote>
        <LongForeign text={props.text} />
      </blockquote>
    </>
  );
}
