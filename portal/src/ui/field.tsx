import { messages } from "../messages/catalogue.ts";
import { zoneAt } from "./time.tsx";

/** One line to type, under its label. A time is typed in the reader's zone, which is said. */
export function Field(props: {
  readonly id: string;
  readonly label: string;
  readonly type: "text" | "date" | "datetime-local";
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly required?: boolean | undefined;
  readonly invalid?: boolean | undefined;
  /** The id of what is said about it elsewhere. */
  readonly describedBy?: string | undefined;
}) {
  const { id, label, type, value, onValue } = props;
  const hint = type === "datetime-local" ? `${id}-zone` : undefined;
  const input = {
    id,
    value,
    autocomplete: "off",
    required: props.required,
    "aria-invalid": props.invalid,
    "aria-describedby": [hint, props.describedBy].filter(Boolean).join(" ") || undefined,
    onInput: (event: { readonly currentTarget: HTMLInputElement }) => onValue(event.currentTarget.value),
  } as const;
  return (
    <div>
      <label for={id}>{label}</label>
      {hint !== undefined && (
        <p id={hint} class="quiet hint">
          {messages.inYourZone(zoneAt(value))}
        </p>
      )}
      {type === "text" ? <input type="text" spellcheck={false} {...input} /> : <input type={type} {...input} />}
    </div>
  );
}
