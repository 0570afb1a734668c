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
  const any = ["", words.any] as const;
  const names = (all: readonly string[]) => all.map((each) => [each, each] as const);
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setFlaw(props.onComplete());
      }}
    >
      <div class="fields">
        <Choice
          id="delegate-person"
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
          id="delegate-from"
          label={words.from}
          type="date"
          value={draft.from}
          onValue={(from) => change({ from })}
        />
        <Field
          id="delegate-until"
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
      <div role="alert">{flaw !== undefined && <p class="error">{messages.absence.flaws[flaw]}</p>}</div>
      <button type="submit" class="main">
        {words.next}
      </button>
    </form>
  );
}
