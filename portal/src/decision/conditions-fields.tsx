import type { ConditionKind } from "../../../core/promotion/release-conditions.ts";
import { messages } from "../messages/catalogue.ts";
import { Choice } from "../ui/choice.tsx";
import { Field } from "../ui/field.tsx";
import { type ConditionsDraft, durationUnits, emptyConditions } from "./conditions-draft.ts";

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
            <Field
              id="condition-duration"
              label={words.duration}
              type="text"
              value={draft.duration}
              onValue={(duration) => onChange({ ...draft, duration })}
            />
            <Choice
              id="condition-unit"
              label={words.unit}
              value={draft.unit}
              options={durationUnits.map((unit) => [unit, words.units[unit]] as const)}
              onValue={(value) =>
                onChange({ ...draft, unit: durationUnits.find((unit) => unit === value) ?? draft.unit })
              }
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
