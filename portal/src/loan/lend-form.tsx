import { useState } from "preact/hooks";
import { longestReason } from "../decision/compose-statement.ts";
import { messages } from "../messages/catalogue.ts";
import { Choice } from "../ui/choice.tsx";
import { DurationFields } from "../ui/duration-fields.tsx";
import { Field } from "../ui/field.tsx";
import { durationWords } from "../ui/number.ts";
import { Apart } from "../ui/text.tsx";
import { TextArea } from "../ui/text-area.tsx";
import { Time } from "../ui/time.tsx";
import type { LoanFlaw } from "./compose-loan.ts";
import type { Lending } from "./lending.ts";
import type { LoanDraft } from "./loan-draft.ts";

const fieldOf: Partial<Record<LoanFlaw, string>> = {
  lasting: "loan-duration",
  incident: "loan-incident",
  role: "loan-role",
  reason: "loan-reason",
};

/** What the lender asks for, or whose request they confirm, and why. */
export function LendForm(props: {
  readonly lending: Lending;
  readonly draft: LoanDraft;
  readonly onChange: (draft: LoanDraft) => void;
  /** What is wrong, where something is. */
  readonly onComplete: () => LoanFlaw | undefined;
}) {
  const { lending, draft, onChange } = props;
  const { roles, requests, maximumSeconds } = lending;
  const words = messages.loan;
  const [flaw, setFlaw] = useState<LoanFlaw>();
  const change = (part: Partial<LoanDraft>): void => {
    setFlaw(undefined);
    onChange({ ...draft, ...part });
  };
  const complete = (event: Event): void => {
    event.preventDefault();
    const lacks = props.onComplete();
    setFlaw(lacks);
    if (lacks !== undefined) document.getElementById(fieldOf[lacks] ?? "")?.focus();
  };
  const wishes = [
    ...requests.map(({ request: { id, lender, seconds, recordedAt } }) => ({
      id,
      text: words.confirm(lender, durationWords(seconds)),
      // Somebody who asked twice asked for the same.
      ...(requests.length > 1 ? { at: recordedAt } : {}),
    })),
    { id: "ask", text: words.ask },
  ];
  return (
    <form onSubmit={complete} noValidate>
      <fieldset>
        <legend>{words.legend}</legend>
        {wishes.map(({ id, text, at }) => (
          <label key={id} class="choice">
            <input type="radio" name="loan" checked={draft.wish === id} onChange={() => change({ wish: id })} />
            <span>
              <Apart text={text} />
              {at !== undefined && (
                <>
                  {" "}
                  (<Time at={at} />)
                </>
              )}
            </span>
          </label>
        ))}
      </fieldset>
      {(draft.wish === "ask" || roles.length > 1) && (
        <div class="fields">
          {draft.wish === "ask" && (
            <>
              <DurationFields
                id="loan"
                label={words.lasting}
                required
                invalid={flaw === "lasting"}
                describedBy={flaw && "loan-flaw"}
                value={draft}
                onValue={change}
              />
              <Field
                id="loan-incident"
                label={words.incident}
                type="text"
                required
                invalid={flaw === "incident"}
                describedBy={flaw && "loan-flaw"}
                value={draft.incident}
                onValue={(incident) => change({ incident })}
              />
            </>
          )}
          {roles.length > 1 && (
            <Choice
              id="loan-role"
              label={words.role}
              value={draft.role}
              options={[["", "–"], ...roles.map(({ name, title }) => [name, title] as const)]}
              onValue={(role) => change({ role })}
            />
          )}
        </div>
      )}
      <TextArea
        id="loan-reason"
        label={words.reason}
        hint={words.reasonHint}
        rows={4}
        longest={longestReason}
        required
        invalid={flaw === "reason"}
        describedBy={flaw && "loan-flaw"}
        value={draft.reason}
        onValue={(reason) => change({ reason })}
      />
      <div role="alert">
        {flaw !== undefined && (
          <p id="loan-flaw" class="error">
            {words.flaws[flaw](durationWords(maximumSeconds))}
          </p>
        )}
      </div>
      <button type="submit" class="main">
        {words.next}
      </button>
    </form>
  );
}
