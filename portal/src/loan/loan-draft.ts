import type { Identity } from "../../../core/promotion/identity.ts";
import { type DraftPlace, dropText, keepText, keptText } from "../session/own-draft.ts";
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

const placeOf = (promotion: string, by: Identity): DraftPlace => ({ of: `loan ${promotion}`, by });

/** One person's draft about a promotion in this tab, so that nothing typed is lost by signing in. */
export function keptLoanDraft(promotion: string, by: Identity, storage: Storage): LoanDraft {
  const text = keptText(placeOf(promotion, by), storage);
  return text === null ? empty : (JSON.parse(text) as LoanDraft);
}

/** Keeps a draft in this tab. */
export function keepLoanDraft(promotion: string, by: Identity, draft: LoanDraft, storage: Storage): void {
  keepText(placeOf(promotion, by), JSON.stringify(draft), storage);
}

/** Forgets the draft, once it was signed and recorded. */
export function dropLoanDraft(promotion: string, by: Identity, storage: Storage): void {
  dropText(placeOf(promotion, by), storage);
}
