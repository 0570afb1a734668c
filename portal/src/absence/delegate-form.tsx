import { useState } from "preact/hooks";
import { identityKey } from "../../../core/promotion/identity.ts";
import type { AbsenceView } from "../api/contract.ts";
import { messages } from "../messages/catalogue.ts";
import { Choice } from "../ui/choice.tsx";
import { Field } from "../ui/field.tsx";
import { TextArea } from "../ui/text-area.tsx";
import type { DelegationFlaw } from "./compose-delegation.ts";
import type { DelegationDraft } from "./delegation-draft.ts";

const longestReason = 1000;

/** The field that a flaw is mended in. */
function flawedField(flaw: DelegationFlaw, { from }: DelegationDraft): string {
  switch (flaw) {
    case "no-person":
      return "delegate-person";
    case "no-days":
      return from === "" ? "delegate-from" : "delegate-until";
    case "days-reversed":
    case "too-long":
      return "delegate-until";
    case "too-far-ahead":
      return "delegate-from";
    default:
      return flaw satisfies never;
  }
}

/** Who signs in the reader's place, in what, for what and how long. */
export function DelegateForm(props: {
  readonly view: AbsenceView;
  readonly draft: DelegationDraft;
  readonly onChange: (draft: DelegationDraft) => void;
  /** What is wrong, where something is. */
  readonly onComplete: () => DelegationFlaw | undefined;
}) {
  const { view, draft, onChange } = props;
  const words = messages.absence.form;
  const [flaw, setFlaw] = useState<DelegationFlaw>();
  const change = (part: Partial<DelegationDraft>): void => {
    setFlaw(undefined);
    onChange({ ...draft, ...part });
  };
  const complete = (event: Event): void => {
    event.preventDefault();
    const lacks = props.onComplete();
    setFlaw(lacks);
    if (lacks !== undefined) document.getElementById(flawedField(lacks, draft))?.focus();
  };
  const flawed = flaw && flawedField(flaw, draft);
  /** What is said of a field where it is the one to be mended. */
  const told = (id: string) => ({
    id,
    invalid: flawed === id,
    describedBy: flawed === id ? "delegate-flaw" : undefined,
  });
  const any = ["", words.any] as const;
  const names = (all: readonly string[]) => all.map((each) => [each, each] as const);
  return (
    <form noValidate onSubmit={complete}>
      <div class="fields">
        <Choice
          {...told("delegate-person")}
          label={words.person}
          value={draft.person}
          options={[
            ["", words.choose],
            ...view.people.map(({ identity, name }) => [identityKey(identity), name] as const),
          ]}
          onValue={(person) => change({ person })}
        />
        <Choice
          id="delegate-role"
          label={words.role}
          value={draft.role === "" ? (view.roles[0]?.role ?? "") : draft.role}
          options={view.roles.map(({ role, title }) => [role, title] as const)}
          onValue={(role) => change({ role })}
        />
        <Field
          {...told("delegate-from")}
          label={words.from}
          type="date"
          value={draft.from}
          onValue={(from) => change({ from })}
        />
        <Field
          {...told("delegate-until")}
          label={words.until}
          type="date"
          value={draft.until}
          onValue={(until) => change({ until })}
        />
        <Choice
          id="delegate-type"
          label={words.modelType}
          value={draft.modelType}
          options={[any, ...names(view.modelTypes)]}
          onValue={(modelType) => change({ modelType })}
        />
        <Choice
          id="delegate-target"
          label={words.target}
          value={draft.target}
          options={[any, ...names(view.targets)]}
          onValue={(target) => change({ target })}
        />
        <Field
          id="delegate-model"
          label={words.model}
          type="text"
          value={draft.model}
          onValue={(model) => change({ model })}
        />
      </div>
      <TextArea
        id="delegate-reason"
        label={words.reason}
        hint={words.reasonHint}
        rows={2}
        longest={longestReason}
        value={draft.reason}
        onValue={(reason) => change({ reason })}
      />
      <div role="alert">
        {flaw !== undefined && (
          <p id="delegate-flaw" class="error">
            {messages.absence.flaws[flaw]}
          </p>
        )}
      </div>
      <button type="submit" class="main">
        {words.next}
      </button>
    </form>
  );
}
