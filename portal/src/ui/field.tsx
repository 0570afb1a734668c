/** One line to type, under its label. */
export function Field(props: {
  readonly id: string;
  readonly label: string;
  readonly type: "text" | "date" | "datetime-local";
  readonly value: string;
  readonly onValue: (value: string) => void;
}) {
  const { id, label, type, value, onValue } = props;
  const input = {
    id,
    value,
    autocomplete: "off",
    onInput: (event: { readonly currentTarget: HTMLInputElement }) => onValue(event.currentTarget.value),
  } as const;
  return (
    <div>
      <label for={id}>{label}</label>
      {type === "text" ? <input type="text" spellcheck={false} {...input} /> : <input type={type} {...input} />}
    </div>
  );
}
