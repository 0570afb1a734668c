import { messages } from "../messages/catalogue.ts";
import { PageHeading } from "../ui/page-heading.tsx";
import { Foreign } from "../ui/text.tsx";
import type { SignedByAnother } from "./signed-by-another.ts";

/** Tells whoever came back from a sign-in that it was another person's than that of what is signed, and how to go on. */
export function AnotherAccountPage(props: {
  readonly account: SignedByAnother;
  readonly onSignOut: () => Promise<void>;
  readonly onStay: () => void;
}) {
  const words = messages.signIn.another;
  const { signedIn, preparedBy } = props.account;
  return (
    <div class="narrow">
      <PageHeading text={words.heading} />
      <div class="notice bad" role="alert">
        <p>
          <Foreign text={words.who(signedIn, preparedBy)} />
        </p>
      </div>
      <p>
        <Foreign text={words.next(preparedBy)} />
      </p>
      <div class="buttons">
        <button type="button" class="main" onClick={() => void props.onSignOut()}>
          {messages.header.signOut}
        </button>
        <button type="button" onClick={props.onStay}>
          <Foreign text={words.stay(signedIn)} />
        </button>
      </div>
    </div>
  );
}
