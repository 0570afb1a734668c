import { useRef, useState } from "preact/hooks";
import { longestQuestion } from "../../../core/promotion/question.ts";
import { apiClient, type Problem } from "../api/client.ts";
import { messages } from "../messages/catalogue.ts";
import { dropText, keepText, keptText } from "../session/own-draft.ts";
import type { Session } from "../session/session.ts";
import { ProblemNotice } from "../ui/problem.tsx";

/** One text that is sent as it is, with no ceremony: it decides nothing. What was typed stays in this tab until it is recorded. */
export function SendForm(props: {
  readonly id: string;
  readonly label: string;
  readonly button: string;
  readonly path: string;
  readonly bodyOf: (text: string) => object;
  readonly session: Session;
  readonly onExpired: () => void;
  readonly onSent: () => void;
}) {
  const { id, label, button, session } = props;
  const words = messages.questions;
  const place = { of: id, by: session.reviewer.identity };
  const [text, setText] = useState(() => keptText(place, sessionStorage) ?? "");
  const [state, setState] = useState<"sending" | "empty" | Problem>();
  const field = useRef<HTMLTextAreaElement>(null);

  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (state === "sending") return;
    if (text.trim() === "") {
      setState("empty");
      field.current?.focus();
      return;
    }
    setState("sending");
    const reply = await apiClient(session.idToken).post(props.path, props.bodyOf(text.trim().toWellFormed()));
    if (reply.kind === "problem") {
      if (reply.problem.code === "token-expired") props.onExpired();
      setState(reply.problem);
      return;
    }
    dropText(place, sessionStorage);
    setText("");
    setState(undefined);
    props.onSent();
  };

  return (
    <form onSubmit={(event) => void send(event)} noValidate>
      <label for={id}>{label}</label>
      <textarea
        id={id}
        ref={field}
        rows={4}
        dir="auto"
        maxLength={longestQuestion}
        value={text}
        aria-invalid={state === "empty"}
        aria-describedby={state === "empty" ? `${id}-empty` : undefined}
        onInput={({ currentTarget }) => {
          keepText(place, currentTarget.value, sessionStorage);
          setText(currentTarget.value);
          if (state === "empty") setState(undefined);
        }}
      />
      {text.length > longestQuestion * 0.9 && <p class="quiet hint">{words.left(longestQuestion - text.length)}</p>}
      <div role="alert">
        {state === "empty" && (
          <p id={`${id}-empty`} class="error">
            {words.empty}
          </p>
        )}
      </div>
      {typeof state === "object" && <ProblemNotice sentence={state.sentence} />}
      <button type="submit" aria-disabled={state === "sending"}>
        {state === "sending" ? words.sending : button}
      </button>
    </form>
  );
}
