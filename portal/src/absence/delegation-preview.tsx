import type { DelegationStatement } from "../../../core/attestation/delegation-statement.ts";
import { sameIdentity } from "../../../core/promotion/identity.ts";
import type { AbsenceView } from "../api/contract.ts";
import { messages } from "../messages/catalogue.ts";
import { StatementPreview } from "../signing/statement-preview.tsx";
import { Foreign } from "../ui/text.tsx";
import { Through, Time } from "../ui/time.tsx";
import { scopeText } from "./delegation-list.tsx";

/** A delegation, or that it is revoked, before it is signed. */
export function DelegationPreview(props: {
  readonly statement: DelegationStatement;
  readonly view: AbsenceView;
  readonly onSign: () => Promise<void>;
  readonly onBack: () => void;
}) {
  const { statement, view } = props;
  const { deed, delegation } = statement.predicate;
  const { delegator, delegate, role, scope, from, until } = delegation;
  const words = messages.absence.sign[deed];
  const own = sameIdentity(delegator, view.person);
  const known = view.delegations.find((each) => each.delegation.salt === delegation.salt);
  const listed = view.people.find(({ identity }) => sameIdentity(identity, delegate))?.name;
  const person = own
    ? (listed ?? known?.delegateName ?? delegate.subject)
    : (known?.delegatorName ?? delegator.subject);
  const title = view.roles.find((each) => each.role === role)?.title ?? role;
  return (
    <StatementPreview {...props} reason={deed === "delegate" ? delegation.reason : ""} button={words.button}>
      <p>
        <Foreign text={words[own ? "lead" : "taken"](person, title, scopeText(scope))} /> {messages.absence.from}{" "}
        <Time at={from} /> <Through at={until} />.
      </p>
    </StatementPreview>
  );
}
