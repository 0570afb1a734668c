import { type Status, statuses } from "../../../core/promotion/promotion.ts";
import { messages } from "../messages/catalogue.ts";
import { Field } from "../ui/field.tsx";
import type { SearchFields } from "./search-query.ts";

/** What a promotion may be found by. */
export function SearchForm(props: {
  readonly fields: SearchFields;
  readonly searching: boolean;
  readonly onFields: (fields: SearchFields) => void;
  readonly onSearch: () => void;
}) {
  const words = messages.audit.find;
  const { fields, searching, onFields, onSearch } = props;
  const text = (
    name: "id" | "model" | "target" | "person" | "from" | "to",
    type: "text" | "datetime-local" = "text",
  ) => (
    <Field
      id={`find-${name}`}
      label={words[name]}
      type={type}
      value={fields[name]}
      onValue={(value) => onFields({ ...fields, [name]: value })}
    />
  );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!searching) onSearch();
      }}
    >
      <div class="fields">
        {text("model")}
        {text("target")}
        <div>
          <label for="find-status">{words.status}</label>
          <select
            id="find-status"
            value={fields.status}
            onChange={(event) => onFields({ ...fields, status: event.currentTarget.value as Status | "any" })}
          >
            <option value="any">{words.anyStatus}</option>
            {statuses.map((status) => (
              <option key={status} value={status}>
                {messages.statuses[status]}
              </option>
            ))}
          </select>
        </div>
        {text("person")}
        {text("from", "datetime-local")}
        {text("to", "datetime-local")}
        {text("id")}
      </div>
      <button type="submit" class="main" aria-disabled={searching}>
        {words.button}
      </button>
    </form>
  );
}
