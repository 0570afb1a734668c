import type { ConditionKind } from "../../../core/promotion/release-conditions.ts";
import { messages } from "../messages/catalogue.ts";
import { DurationFields } from "../ui/duration-fields.tsx";
import { Field } from "../ui/field.tsx";
import { type ConditionsDraft, emptyConditions } from "./conditions-draft.ts";

/** What an approver asks of the release: nothing, unless they tick it. */
export function ConditionsFields(props: {
  readonly draft: ConditionsDraft | undefined;
  readonly kinds: readonly ConditionKind[];
  readonly onChange: (draft: ConditionsDraft | undefined) => void;
}) {
  const { draft, kinds, onChange } = props;
  const words = messages.decide.conditions;
  return (
    <fieldset>
      <legend>{words.legend}</legend>
      <label class="choice">
        <input
          type="checkbox"
          checked={draft !== undefined}
          onChange={({ currentTarget }) => onChange(currentTarget.checked ? emptyConditions : undefined)}
        />
        {words.tick}
      </label>
      {draft !== undefined && (
        <>
          <p class="quiet hint">{words.hint}</p>
          <div class="fields">
            <DurationFields
              id="condition"
              label={words.duration}
              value={draft}
              onValue={(typed) => onChange({ ...draft, ...typed })}
            />
            {kinds.map((kind) => (
              <Field
                key={kind}
                id={`condition-${kind}`}
                label={words.kinds[kind]}
                type="text"
                value={draft.kinds[kind]}
                onValue={(value) => onChange({ ...draft, kinds: { ...draft.kinds, [kind]: value } })}
              />
            ))}
          </div>
        </>
      )}
    </fieldset>
  );
}
