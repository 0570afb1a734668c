import type { TypedDuration } from "../ui/duration.ts";

/** What somebody has filled in about a loan and not signed yet. */
export interface LoanDraft extends TypedDuration {
  /** `ask`, or the id of the request that they confirm; empty: nothing is chosen. */
  readonly wish: string;
  readonly incident: string;
  readonly role: string;
  readonly reason: string;
}

const empty: LoanDraft = { wish: "", duration: "", unit: "hours", incident: "", role: "", reason: "" };

const keyOf = (promotion: string): string => `countersign.loan-draft.${promotion}`;

/** The draft about a promotion in this tab, so that nothing typed is lost by signing in. */
export function keptLoanDraft(promotion: string, storage: Storage): LoanDraft {
  const text = storage.getItem(keyOf(promotion));
  return text === null ? empty : (JSON.parse(text) as LoanDraft);
}

/** Keeps a draft in this tab. */
export function keepLoanDraft(promotion: string, draft: LoanDraft, storage: Storage): void {
  storage.setItem(keyOf(promotion), JSON.stringify(draft));
}

/** Forgets the draft, once it was signed and recorded. */
export function dropLoanDraft(promotion: string, storage: Storage): void {
  storage.removeItem(keyOf(promotion));
}
