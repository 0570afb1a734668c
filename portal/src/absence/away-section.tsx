import { useState } from "preact/hooks";
import type { Instant } from "../../../core/encoding/instant.ts";
import { apiClient, type Problem } from "../api/client.ts";
import type { AbsenceView } from "../api/contract.ts";
import { messages } from "../messages/catalogue.ts";
import type { Session } from "../session/session.ts";
import { Field } from "../ui/field.tsx";
import { ProblemNotice } from "../ui/problem.tsx";
import { Section } from "../ui/section.tsx";
import { Through } from "../ui/time.tsx";
import { endOf } from "./days.ts";

/** Until when the reader is away. It changes who is asked and nobody's rights, so it needs no ceremony. */
export function AwaySection(props: {
  readonly view: AbsenceView;
  readonly session: Session;
  readonly now: () => Instant;
  readonly onSaved: () => void;
  /** Somebody comes here from a delegation that they signed: that sign-in was for it alone, and lets them do nothing else. */
  readonly onExpired: () => void;
}) {
  const words = messages.absence.away;
  const { absentUntil } = props.view;
  const [lastDay, setLastDay] = useState("");
  const [missing, setMissing] = useState(false);
  const [saved, setSaved] = useState(false);
  const [problem, setProblem] = useState<Problem>();

  const save = async (until: Instant): Promise<void> => {
    const reply = await apiClient(props.session.idToken).post("/v1/absence", { until });
    setProblem(reply.kind === "problem" ? reply.problem : undefined);
    if (reply.kind === "problem" && reply.problem.code === "token-expired") props.onExpired();
    setSaved(reply.kind === "ok");
    if (reply.kind === "ok") props.onSaved();
  };
  const mark = (event: Event): void => {
    event.preventDefault();
    const until = endOf(lastDay);
    const taken = until !== undefined && until > props.now();
    setMissing(!taken);
    if (taken) void save(until);
  };

  return (
    <Section id="away" heading={words.heading}>
      <p>
        {absentUntil === undefined ? (
          words.none
        ) : (
          <>
            {words.away} <Through at={absentUntil} />.
          </>
        )}
      </p>
      <form onSubmit={mark} noValidate>
        <div class="fields">
          <Field id="away-until" label={words.lastDay} type="date" value={lastDay} onValue={setLastDay} />
        </div>
        <div role="alert">{missing && <p class="error">{words.missing}</p>}</div>
        <p class="quiet">{words.note}</p>
        <div class="buttons">
          <button type="submit" class="main">
            {words.mark}
          </button>
          {absentUntil !== undefined && (
            <button type="button" onClick={() => void save(props.now())}>
              {words.back}
            </button>
          )}
        </div>
      </form>
      <div role="status">{saved && <p class="notice good">{words.saved}</p>}</div>
      {problem !== undefined && <ProblemNotice sentence={problem.sentence} />}
    </Section>
  );
}
