import { useEffect, useState } from "preact/hooks";
import { acrToAskFor, needsPasskey } from "../../../core/approval/entitlement.ts";
import type { LoanStatement } from "../../../core/attestation/loan-statement.ts";
import { instantFromMs } from "../../../core/encoding/instant.ts";
import type { ShownPromotion } from "../api/contract.ts";
import { notAsSigned } from "../decision/shown-as-signed.ts";
import { messages } from "../messages/catalogue.ts";
import type { Reviewer } from "../session/session.ts";
import { useStatement } from "../signing/use-statement.ts";
import { durationWords } from "../ui/number.ts";
import { Foreign } from "../ui/text.tsx";
import { composedLoan, fitsLoanContext } from "./compose-loan.ts";
import { LendForm } from "./lend-form.tsx";
import { LendOutcome, type LoanOutcome } from "./lend-outcome.tsx";
import { lendingOf } from "./lending.ts";
import { keepLoanDraft, keptLoanDraft, type LoanDraft } from "./loan-draft.ts";
import { LoanPreview } from "./loan-preview.tsx";

/** Lending the seats that are missing, for whoever may: folded away until somebody waits for it. */
export function LendPanel(props: {
  readonly promotion: ShownPromotion;
  readonly reviewer: Reviewer;
  readonly now: () => number;
  readonly onSign: (statement: LoanStatement, needsPasskey: boolean, acr: readonly string[]) => Promise<void>;
  readonly outcome?: LoanOutcome;
  readonly onSendAgain?: () => Promise<void>;
}) {
  const { promotion, reviewer, outcome } = props;
  const { id, signOffContext: context, requirements } = promotion;
  const { roles } = requirements.document;
  const [draft, setDraft] = useState(() => keptLoanDraft(id, reviewer.identity, sessionStorage));
  const [unfolded, setUnfolded] = useState(false);
  const now = () => instantFromMs(props.now());
  const shown = useStatement<LoanStatement>(now, (statement) => {
    const named = [statement.predicate.role];
    return props.onSign(statement, needsPasskey(roles, named), acrToAskFor(roles, named));
  });
  const { statement, remark } = shown;
  const words = messages.loan;
  useEffect(() => {
    if (statement !== undefined && !fitsLoanContext(statement, context)) shown.back(words.changedMeanwhile);
  });

  const lending = lendingOf(promotion, reviewer, now());
  const again = props.onSendAgain === undefined ? {} : { onSendAgain: props.onSendAgain };
  const told = outcome !== undefined && <LendOutcome outcome={outcome} {...again} />;
  // A page that is not what would be signed offers nothing; the decision beside this says so.
  if (lending === undefined || lending.confirmed || context === undefined || notAsSigned(promotion).length > 0)
    return <>{told}</>;
  const change = (next: LoanDraft): void => {
    keepLoanDraft(id, reviewer.identity, next, sessionStorage);
    setDraft(next);
    shown.back();
  };
  return (
    <>
      {told}
      <details
        class="card decision folded"
        open={unfolded || statement !== undefined || remark !== undefined || lending.requests.length > 0}
        onToggle={({ currentTarget }) => setUnfolded(currentTarget.open)}
      >
        <summary>{words.heading}</summary>
        <p>{words.lead(durationWords(lending.maximumSeconds))}</p>
        {remark !== undefined && (
          <p class="notice warn" role="alert">
            {remark}
          </p>
        )}
        {lending.nothing !== undefined ? (
          <p class="notice warn">
            <Foreign text={lending.nothing} />
          </p>
        ) : lending.approved ? (
          <p class="notice warn">{words.approved}</p>
        ) : statement === undefined ? (
          <LendForm
            lending={lending}
            draft={draft}
            onChange={change}
            onComplete={() =>
              shown.show((at) => composedLoan(draft, { lending, lender: reviewer.identity, context }, at))
            }
          />
        ) : (
          <LoanPreview
            statement={statement}
            roles={roles}
            confirms={
              lending.requests.find(({ request }) => request.id === statement.predicate.confirms?.sha256)?.request
            }
            onSign={shown.sign}
            onBack={() => shown.back()}
          />
        )}
      </details>
    </>
  );
}
