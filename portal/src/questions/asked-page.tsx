import { useEffect } from "preact/hooks";
import { changesPolicies } from "../../../core/policy/change-words.ts";
import { isOpen } from "../../../core/promotion/life-cycle.ts";
import { nextStep } from "../../../core/promotion/next-step.ts";
import type { AskedQuestions } from "../api/contract.ts";
import { NotYet } from "../loading/not-yet.tsx";
import { messages } from "../messages/catalogue.ts";
import { statusTones } from "../review/stand.tsx";
import type { Session } from "../session/session.ts";
import { Badge } from "../ui/badge.tsx";
import { PageHeading } from "../ui/page-heading.tsx";
import { LongForeign } from "../ui/text.tsx";
import { usePolled } from "../ui/use-polled.ts";
import { QuestionsSection } from "./questions-section.tsx";

const pauseMs = 15_000;

/** What somebody is asked who may see no more of the promotion: they had a hand in the candidate and hold no role. */
export function AskedPage(props: {
  readonly id: string;
  readonly session: Session;
  readonly expired: boolean;
  readonly onExpired: () => void;
  readonly onWithoutRole: () => void;
}) {
  useEffect(() => props.onWithoutRole(), []);
  const { value, problem, again } = usePolled<AskedQuestions>(`/v1/promotions/${props.id}/questions`, {
    ...props,
    pause: () => pauseMs,
  });
  if (value === undefined) return <NotYet problem={problem} onTry={again} />;
  const { promotion, model, target, status, reason, questions } = value;
  const next = nextStep(status, changesPolicies(model));
  return (
    <>
      <PageHeading text={messages.review.title(model.name, model.version, target)} />
      <p>
        <Badge tone={statusTones[status]} text={messages.statusOf(status, changesPolicies(model))} />{" "}
        {reason !== undefined && <LongForeign text={reason} />}
      </p>
      {next !== undefined && <p>{next}</p>}
      <p class="lead">{messages.questions.onlyAsked(isOpen(status))}</p>
      {problem !== undefined && !props.expired && (
        <p class="notice warn" role="status">
          {messages.review.stale}
        </p>
      )}
      {questions.length === 0 && <p class="quiet">{messages.questions.noneAsked}</p>}
      <QuestionsSection
        id={promotion}
        questions={questions}
        mayAnswer={value.mayAnswer === true}
        session={props.session}
        onExpired={props.onExpired}
        onSent={again}
      />
    </>
  );
}
