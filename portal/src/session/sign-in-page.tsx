import { useState } from "preact/hooks";
import { useLate } from "../loading/use-late.ts";
import { messages } from "../messages/catalogue.ts";
import { PageHeading } from "../ui/page-heading.tsx";
import { Apart } from "../ui/text.tsx";
import { keptWork } from "./kept-work.ts";

/** Asks somebody to sign in. Nothing happens without the button. */
export function SignInPage(props: { readonly notice?: string; readonly onSignIn: () => Promise<void> }) {
  const words = messages.signIn;
  const kept = keptWork(sessionStorage);
  return (
    <div class="narrow">
      <PageHeading text={words.heading} />
      {props.notice !== undefined && (
        <div class="notice warn" role="alert">
          <p>
            <Apart text={props.notice} />
          </p>
        </div>
      )}
      {kept !== undefined && <p>{words.kept[kept]}</p>}
      <p>{words.lead}</p>
      <SignInButton text={words.button} onSignIn={props.onSignIn} />
    </div>
  );
}

/** Leads to the identity provider; says so while it is on its way. */
export function SignInButton(props: { readonly text: string; readonly onSignIn: () => Promise<void> }) {
  const [opening, setOpening] = useState(false);
  const go = async (): Promise<void> => {
    setOpening(true);
    await props.onSignIn();
    setOpening(false);
  };
  const late = useLate(opening);
  return (
    <>
      <button type="button" class="main" aria-disabled={opening} onClick={() => void (opening || go())}>
        {opening ? messages.signIn.opening : props.text}
      </button>
      <span role="status">{late && messages.load.late}</span>
    </>
  );
}
