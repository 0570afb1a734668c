import type { LoanStatement } from "../../../core/attestation/loan-statement.ts";
import type { PasskeyAnswer } from "../../../core/attestation/read-sign-off-request.ts";

/** What a lender does: the first asks, another confirms. */
export type LoanDeed = "ask" | "confirm";

/** A loan that somebody wants to ask for or to confirm. */
export interface PendingLoan {
  readonly statement: LoanStatement;
  /** The answer of the lender's passkey to the same challenge, where they have one. */
  readonly passkey?: PasskeyAnswer;
}

export function loanDeedOf({ predicate }: LoanStatement): LoanDeed {
  return predicate.confirms === undefined ? "ask" : "confirm";
}

/** Where it is handed in. */
export function pathOfLoan({ statement }: PendingLoan): string {
  return `/v1/promotions/${encodeURIComponent(statement.predicate.promotion)}/loan`;
}
