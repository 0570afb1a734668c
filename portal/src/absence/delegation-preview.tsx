import { useEffect, useMemo, useRef } from "preact/hooks";
import type { DelegationStatement } from "../../../core/attestation/delegation-statement.ts";
import { signOffId } from "../../../core/attestation/sign-off-statement.ts";
import { sameIdentity } from "../../../core/promotion/identity.ts";
import type { AbsenceView } from "../api/contract.ts";
import { readableStatement } from "../decision/compose-statement.ts";
import { messages } from "../messages/catalogue.ts";
import { SignInButton } from "../session/sign-in-page.tsx";
import { Digest, Foreign } from "../ui/text.tsx";
import { Time } from "../ui/time.tsx";
import { scopeText } from "./delegation-list.tsx";

/** The exact statement of a delegation and its digest, before the sign-in that signs them. */
export function DelegationPreview(props: {
  readonly statement: DelegationStatement;
  readonly view: AbsenceView;
  readonly onSign: () => Promise<void>;
  readonly onBack: () => void;
}) {
  const { statement, view } = props;
  const { delegate, role, scope, from, until, reason } = statement.predicate.delegation;
  const words = messages.absence.sign;
  const heading = useRef<HTMLHeadingElement>(null);
  const digest = useMemo(() => signOffId(statement), [statement]);
  useEffect(() => {
    heading.current?.focus();
  }, [statement]);
  const person = view.people.find(({ identity }) => sameIdentity(identity, delegate))?.name ?? delegate.subject;
  const title = view.roles.find((each) => each.role === role)?.title ?? role;
  return (
    <div class="preview">
      <h3 ref={heading} tabIndex={-1}>
        {words.heading}
      </h3>
      <p>
        <Foreign text={words.lead(person, title, scopeText(scope))} /> {words.from} <Time at={from} /> {words.until}{" "}
        <Time at={until} />.
      </p>
      {reason !== "" && (
        <blockquote>
          <Foreign text={reason} />
        </blockquote>
      )}
      <h4>{words.digest}</h4>
      <p>
        <Digest value={digest} />
      </p>
      <label for="statement">{words.statement}</label>
      <textarea id="statement" class="statement" dir="ltr" rows={9} readOnly value={readableStatement(statement)} />
      <p class="quiet">{words.note}</p>
      <div class="buttons">
        <SignInButton text={words.button} onSignIn={props.onSign} />
        <button type="button" onClick={props.onBack}>
          {words.back}
        </button>
      </div>
    </div>
  );
}
