import { useState } from "preact/hooks";
import type { DelegationStatement } from "../../../core/attestation/delegation-statement.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import type { Identity } from "../../../core/promotion/identity.ts";
import type { AbsenceView } from "../api/contract.ts";
import { messages } from "../messages/catalogue.ts";
import { useStatement } from "../signing/use-statement.ts";
import { Section } from "../ui/section.tsx";
import { composedDeed, composedDelegation, type DelegationFlaw } from "./compose-delegation.ts";
import { DelegateForm } from "./delegate-form.tsx";
import { type DelegationDraft, keepDelegationDraft, keptDelegationDraft } from "./delegation-draft.ts";
import { DelegationPreview } from "./delegation-preview.tsx";

/** A new delegation: fill in, see the exact statement, sign in to sign it. */
export function DelegateSection(props: {
  readonly view: AbsenceView;
  readonly by: Identity;
  readonly now: () => Instant;
  readonly onDelegate: (statement: DelegationStatement, needsPasskey: boolean, acr: readonly string[]) => Promise<void>;
}) {
  const { view, by, now } = props;
  const words = messages.absence;
  const [draft, setDraft] = useState(() => keptDelegationDraft(by, sessionStorage));
  const shown = useStatement<DelegationStatement>(now, (statement) => {
    const role = view.roles.find((each) => each.role === statement.predicate.delegation.role);
    return props.onDelegate(statement, role?.secondFactor === "passkey", role?.acr ?? []);
  });

  const change = (next: DelegationDraft): void => {
    keepDelegationDraft(by, next, sessionStorage);
    setDraft(next);
    shown.back();
  };
  const complete = (): DelegationFlaw | undefined =>
    shown.show((at) => {
      const delegation = composedDelegation(draft, view, at);
      return typeof delegation === "string" ? delegation : composedDeed(view, "delegate", delegation, at.now);
    });

  return (
    <Section id="delegate" heading={words.form.heading}>
      {shown.remark !== undefined && (
        <p class="notice warn" role="alert">
          {shown.remark}
        </p>
      )}
      {view.roles.length === 0 ? (
        <p>{words.form.noRole}</p>
      ) : view.people.length === 0 ? (
        <p>{words.form.nobody}</p>
      ) : shown.statement === undefined ? (
        <>
          <p>{words.form.lead}</p>
          <DelegateForm view={view} draft={draft} onChange={change} onComplete={complete} />
        </>
      ) : (
        <DelegationPreview statement={shown.statement} view={view} onSign={shown.sign} onBack={() => shown.back()} />
      )}
    </Section>
  );
}
