import { useEffect, useRef, useState } from "preact/hooks";
import { messages } from "../messages/catalogue.ts";

/** In two steps, because each asks the authenticator: first it makes the passkey, then the passkey signs its enrolment. */
export function EnrolForm(props: {
  readonly made: boolean;
  readonly onMake: (name: string) => Promise<void>;
  readonly onEnrol: () => void;
}) {
  const words = messages.passkeys;
  const [name, setName] = useState("");
  const [missing, setMissing] = useState(false);
  const next = useRef<HTMLButtonElement>(null);
  // The form that had the focus is gone once the passkey is made.
  useEffect(() => {
    if (props.made) next.current?.focus();
  }, [props.made]);
  if (props.made) {
    return (
      <>
        <p id="passkey-made">{words.made}</p>
        <button type="button" class="main" ref={next} aria-describedby="passkey-made" onClick={props.onEnrol}>
          {words.show}
        </button>
      </>
    );
  }
  const make = (event: Event): void => {
    event.preventDefault();
    const trimmed = name.trim().toWellFormed();
    setMissing(trimmed === "");
    if (trimmed !== "") void props.onMake(trimmed);
  };
  return (
    <form onSubmit={make} noValidate>
      <p>{words.addLead}</p>
      <label for="passkey-name">{words.name}</label>
      <input
        id="passkey-name"
        type="text"
        dir="auto"
        maxLength={80}
        autocomplete="off"
        value={name}
        aria-invalid={missing}
        aria-describedby={missing ? "passkey-name-missing" : undefined}
        onInput={({ currentTarget }) => setName(currentTarget.value)}
      />
      <div role="alert">
        {missing && (
          <p id="passkey-name-missing" class="error">
            {words.nameMissing}
          </p>
        )}
      </div>
      <button type="submit" class="main">
        {words.make}
      </button>
    </form>
  );
}
