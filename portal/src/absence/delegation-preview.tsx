import type { DelegationStatement } from "../../../core/attestation/delegation-statement.ts";
import { sameIdentity } from "../../../core/promotion/identity.ts";
import type { AbsenceView } from "../api/contract.ts";
import { messages } from "../messages/catalogue.ts";
import { StatementPreview } from "../signing/statement-preview.tsx";
import { Foreign } from "../ui/text.tsx";
import { Time } from "../ui/time.tsx";
import { scopeText } from "./delegation-list.tsx";

/** A delegation before it is signed. */
export function DelegationPreview(props: {
  readonly statement: DelegationStatement;
  readonly view: AbsenceView;
  readonly onSign: () => Promise<void>;
  readonly onBack: () => void;
}) {
  const { statement, view } = props;
  const { delegate, role, scope, from, until, reason } = statement.predicate.delegation;
  const words = messages.absence.sign;
  const person = view.people.find(({ identity }) => sameIdentity(identity, delegate))?.name ?? delegate.subject;
  const title = view.roles.find((each) => each.role === role)?.title ?? role;
  return (
    <StatementPreview {...props} reason={reason} button={words.button}>
      <p>
        <Foreign text={words.lead(person, title, scopeText(scope))} /> {words.from} <Time at={from} /> {words.until}{" "}
        <Time at={until} />.
      </p>
    </StatementPreview>
  );
}
