import type { DelegationDeed } from "../../../core/attestation/delegation-statement.ts";
import type { PasskeyDeed } from "../../../core/attestation/passkey-statement.ts";
import { dropDelegationDraft } from "../absence/delegation-draft.ts";
import { type PendingDelegation, pathOfDelegation } from "../absence/pending-delegation.ts";
import { apiClient, isUnjudged, type Problem } from "../api/client.ts";
import type { RecordedAnswer } from "../api/contract.ts";
import { dropLoanDraft } from "../loan/loan-draft.ts";
import { type LoanDeed, loanDeedOf, type PendingLoan, pathOfLoan } from "../loan/pending-loan.ts";
import { type PendingPasskey, pathOfPasskey } from "../passkeys/pending-passkey.ts";
import { type Receipt, receiptOf } from "../receipts/receipt.ts";

/** What somebody wants to do about a passkey, a delegation or a loan, waiting for the sign-in that signs it. */
export type PendingDeed =
  | ({ readonly about: "passkey" } & PendingPasskey)
  | ({ readonly about: "delegation" } & PendingDelegation)
  | ({ readonly about: "loan" } & PendingLoan);

type Done =
  | { readonly about: "passkey"; readonly deed: PasskeyDeed }
  | { readonly about: "delegation"; readonly deed: DelegationDeed }
  | { readonly about: "loan"; readonly deed: LoanDeed; readonly promotion: string };

/** What became of it. */
export type DeedOutcome = Done & (DeedRecorded | DeedRefused);

interface DeedRecorded {
  readonly problem?: never;
  readonly receipt: Receipt;
}

interface DeedRefused {
  readonly problem: Problem;
  /** What can be sent again as it is: nobody judged it. The same statement twice is one deed. */
  readonly again?: { readonly pending: PendingDeed; readonly idToken: string };
}

/** Hands in the statement with the ID token that signs it, as for a decision. What was typed for it is forgotten then. */
export async function recordDeed(pending: PendingDeed, idToken: string): Promise<DeedOutcome> {
  const { about: _, ...body } = pending;
  const reply = await apiClient(idToken).post<RecordedAnswer>(pathOf(pending), { ...body, idToken });
  const done = doneBy(pending);
  if (reply.kind === "problem") {
    const { problem } = reply;
    return { ...done, problem, ...(isUnjudged(problem) ? { again: { pending, idToken } } : {}) };
  }
  dropDraftOf(pending);
  const about = done.about === "loan" ? [done.promotion, done.about, done.deed] : [done.about, done.deed];
  return { ...done, receipt: receiptOf(reply.value, about) };
}

function pathOf(pending: PendingDeed): string {
  switch (pending.about) {
    case "passkey":
      return pathOfPasskey(pending);
    case "delegation":
      return pathOfDelegation(pending);
    case "loan":
      return pathOfLoan(pending);
    default:
      return pending satisfies never;
  }
}

function doneBy(pending: PendingDeed): Done {
  switch (pending.about) {
    case "passkey":
      return { about: pending.about, deed: pending.statement.predicate.deed };
    case "delegation":
      return { about: pending.about, deed: pending.statement.predicate.deed };
    case "loan": {
      const { statement } = pending;
      return { about: pending.about, deed: loanDeedOf(statement), promotion: statement.predicate.promotion };
    }
    default:
      return pending satisfies never;
  }
}

function dropDraftOf(pending: PendingDeed): void {
  switch (pending.about) {
    case "passkey":
      break;
    case "delegation":
      dropDelegationDraft(pending.statement.predicate.person, sessionStorage);
      break;
    case "loan":
      dropLoanDraft(pending.statement.predicate.promotion, pending.statement.predicate.lender, sessionStorage);
      break;
    default:
      pending satisfies never;
  }
}
