/** Several lines to type, under their label and what there is to say about them. */
export function TextArea(props: {
  readonly id: string;
  readonly label: string;
  readonly hint?: string | undefined;
  readonly rows: number;
  readonly longest: number;
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly required?: boolean;
  readonly invalid?: boolean;
  /** The id of what is said about it elsewhere. */
  readonly describedBy?: string | undefined;
}) {
  const { id, hint, onValue } = props;
  return (
    <>
      <label for={id}>{props.label}</label>
      {hint !== undefined && (
        <p id={`${id}-hint`} class="quiet hint">
          {hint}
        </p>
      )}
      <textarea
        id={id}
        rows={props.rows}
        dir="auto"
        maxLength={props.longest}
        value={props.value}
        required={props.required}
        aria-invalid={props.invalid}
        aria-describedby={[hint && `${id}-hint`, props.describedBy].filter(Boolean).join(" ") || undefined}
        onInput={({ currentTarget }) => onValue(currentTarget.value)}
      />
    </>
  );
}
