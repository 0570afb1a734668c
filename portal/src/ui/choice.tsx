/** One of a few values, under its label. */
export function Choice(props: {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, text: string])[];
  readonly onValue: (value: string) => void;
  readonly invalid?: boolean | undefined;
  /** The id of what is said about it elsewhere. */
  readonly describedBy?: string | undefined;
}) {
  const { id, label, value, options, onValue } = props;
  return (
    <div>
      <label for={id}>{label}</label>
      <select
        id={id}
        value={value}
        aria-invalid={props.invalid}
        aria-describedby={props.describedBy}
        onChange={(event) => onValue(event.currentTarget.value)}
      >
        {options.map(([each, text]) => (
          <option key={each} value={each}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}
