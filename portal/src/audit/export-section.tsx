import { useState } from "preact/hooks";
import { isPromotionId } from "../../../core/promotion/promotion-id.ts";
import type { ExportRequest } from "../api/contract.ts";
import { messages } from "../messages/catalogue.ts";
import type { Session } from "../session/session.ts";
import { Field } from "../ui/field.tsx";
import { Section } from "../ui/section.tsx";
import { ExportProgress } from "./export-progress.tsx";
import { instantText } from "./search-query.ts";
import { useExport } from "./use-export.ts";

const scopes = ["everything", "model", "time", "promotion"] as const;
type Scope = (typeof scopes)[number];

/** Asks for an audit pack: of what, and with which personal data. */
export function ExportSection({ session, now }: { readonly session: Session; readonly now: () => number }) {
  const words = messages.audit.export;
  const { state, begin, again } = useExport(session);
  const [scope, setScope] = useState<Scope>("everything");
  const [typed, setTyped] = useState({ model: "", from: "", to: "", promotion: "" });
  const [withoutPersonalData, setWithout] = useState(false);
  const [wrong, setWrong] = useState<string>();
  const field = (name: keyof typeof typed, type: "text" | "datetime-local" = "text") => (
    <Field
      id={`export-${name}`}
      label={words.fields[name]}
      type={type}
      value={typed[name]}
      onValue={(value) => setTyped({ ...typed, [name]: value })}
    />
  );
  const submit = (event: Event): void => {
    event.preventDefault();
    const asked = requestOf(scope, typed);
    setWrong(asked === undefined ? words.incomplete[scope] : undefined);
    if (asked !== undefined) begin({ ...asked, withoutPersonalData });
  };
  return (
    <Section id="export" heading={words.heading}>
      <p>{words.lead}</p>
      <form onSubmit={submit} noValidate>
        <fieldset>
          <legend>{words.scope}</legend>
          {scopes.map((each) => (
            <div class="choice" key={each}>
              <input
                id={`export-scope-${each}`}
                type="radio"
                name="scope"
                checked={scope === each}
                onChange={() => setScope(each)}
              />
              <label for={`export-scope-${each}`}>{words.scopes[each]}</label>
            </div>
          ))}
        </fieldset>
        <div class="fields">
          {scope === "model" && field("model")}
          {scope === "time" && field("from", "datetime-local")}
          {scope === "time" && field("to", "datetime-local")}
          {scope === "promotion" && field("promotion")}
        </div>
        <div class="choice">
          <input
            id="export-without"
            type="checkbox"
            checked={withoutPersonalData}
            onChange={(event) => setWithout(event.currentTarget.checked)}
          />
          <label for="export-without">{words.without}</label>
        </div>
        {wrong !== undefined && (
          <p class="hint error" role="alert">
            {wrong}
          </p>
        )}
        <p>
          <button type="submit" class="main">
            {words.button}
          </button>
        </p>
      </form>
      <ExportProgress state={state} onAgain={again} now={now} />
    </Section>
  );
}

/** The request; `undefined` where what it needs was not given. */
function requestOf(
  scope: Scope,
  typed: Readonly<Record<"model" | "from" | "to" | "promotion", string>>,
): ExportRequest | undefined {
  const [model, promotion] = [typed.model.trim(), typed.promotion.trim()];
  const [from, to] = [instantText(typed.from), instantText(typed.to)];
  switch (scope) {
    case "everything":
      return {};
    case "model":
      return model === "" ? undefined : { model };
    case "time":
      return from === "" || to === "" || from >= to ? undefined : { from, to };
    case "promotion":
      return isPromotionId(promotion) ? { promotion } : undefined;
    default:
      return scope satisfies never;
  }
}
