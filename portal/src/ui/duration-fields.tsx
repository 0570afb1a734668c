import { messages } from "../messages/catalogue.ts";
import { Choice } from "./choice.tsx";
import { durationUnits, type TypedDuration } from "./duration.ts";
import { Field } from "./field.tsx";

/** How long: a number and its unit. */
export function DurationFields(props: {
  /** Of the first field `<id>-duration`, of the second `<id>-unit`. */
  readonly id: string;
  readonly label: string;
  readonly value: TypedDuration;
  readonly onValue: (value: TypedDuration) => void;
  readonly required?: boolean;
  readonly invalid?: boolean;
  /** The id of what is said about it elsewhere. */
  readonly describedBy?: string | undefined;
}) {
  const { id, label, value, onValue } = props;
  const { duration, unit } = value;
  const words = messages.duration;
  return (
    <>
      <Field
        id={`${id}-duration`}
        label={label}
        type="text"
        value={duration}
        required={props.required}
        invalid={props.invalid}
        describedBy={props.describedBy}
        onValue={(typed) => onValue({ duration: typed, unit })}
      />
      <Choice
        id={`${id}-unit`}
        label={words.unit}
        value={unit}
        options={durationUnits.map((each) => [each, words.units[each]] as const)}
        onValue={(chosen) => onValue({ duration, unit: durationUnits.find((each) => each === chosen) ?? unit })}
      />
    </>
  );
}
