import { useState } from "preact/hooks";
import type { DelegationStatement } from "../../../core/attestation/delegation-statement.ts";
import { statementLifetimeSeconds } from "../../../core/attestation/sign-off-statement.ts";
import { type Instant, msOfInstant } from "../../../core/encoding/instant.ts";
import type { AbsenceView } from "../api/contract.ts";
import { messages } from "../messages/catalogue.ts";
import { Section } from "../ui/section.tsx";
import { composedDeed, composedDelegation, type DelegationFlaw } from "./compose-delegation.ts";
import { DelegateForm } from "./delegate-form.tsx";
import { type DelegationDraft, keepDelegationDraft, keptDelegationDraft } from "./delegation-draft.ts";
import { DelegationPreview } from "./delegation-preview.tsx";
import type { PendingDelegation } from "./pending-delegation.ts";

/** A new delegation: fill in, see the exact statement, sign in to sign it. */
export function DelegateSection(props: {
  readonly view: AbsenceView;
  readonly now: () => Instant;
  readonly onSign: (pending: PendingDelegation) => Promise<void>;
}) {
  const { view, now } = props;
  const words = messages.absence;
  const [draft, setDraft] = useState(() => keptDelegationDraft(sessionStorage));
  const [preview, setPreview] = useState<DelegationStatement>();
  const [remark, setRemark] = useState<string>();

  const change = (next: DelegationDraft): void => {
    keepDelegationDraft(next, sessionStorage);
    setDraft(next);
    setRemark(undefined);
  };
  const compose = (): DelegationFlaw | undefined => {
    const at = { now: now(), random: crypto.getRandomValues(new Uint8Array(16)) };
    const delegation = composedDelegation(draft, view, at);
    if (typeof delegation === "string") return delegation;
    setPreview(composedDeed(view, "delegate", delegation, at.now));
    return undefined;
  };
  const sign = async (statement: DelegationStatement): Promise<void> => {
    const left = msOfInstant(statement.predicate.expiresAt) - msOfInstant(now());
    // Enough for a sign-in.
    if (left > (statementLifetimeSeconds / 2) * 1000) return props.onSign({ statement });
    compose();
    setRemark(words.sign.again);
  };

  return (
    <Section id="delegate" heading={words.form.heading}>
      {remark !== undefined && (
        <p class="notice warn" role="alert">
          {remark}
        </p>
      )}
      {view.roles.length === 0 ? (
        <p>{words.form.noRole}</p>
      ) : view.people.length === 0 ? (
        <p>{words.form.nobody}</p>
      ) : preview === undefined ? (
        <>
          <p>{words.form.lead}</p>
          <DelegateForm view={view} draft={draft} onChange={change} onComplete={compose} />
        </>
      ) : (
        <DelegationPreview
          statement={preview}
          view={view}
          onSign={() => sign(preview)}
          onBack={() => setPreview(undefined)}
        />
      )}
    </Section>
  );
}
