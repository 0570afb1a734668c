import { type Instant, msOfInstant } from "../encoding/instant.ts";
import type { Sha256 } from "../encoding/sha256.ts";
import type { Identity } from "./identity.ts";
import type { PromotionId } from "./promotion-id.ts";
import type { SignOff } from "./sign-off.ts";

/** What is asked for: how long, and why at all. */
export interface LoanTerms {
  readonly seconds: number;
  /** Where the incident is written down: an https address. */
  readonly incident: string;
}

/** A lender's signature as the rules see it: verified when it was recorded, so only its content matters here. */
export interface LenderSignature
  extends Pick<SignOff, "reviewer" | "reviewerName" | "groups" | "acr" | "amr" | "passkey"> {
  /** SHA-256 of the statement's PAE: the challenge that the identity provider signed, in hex. */
  readonly id: Sha256;
  readonly promotion: PromotionId;
  readonly review: number;
  readonly terms: LoanTerms;
  readonly reason: string;
  /** The role in which it is given. */
  readonly role: string;
  /** The first lender's signature, of whose terms the second is; absent: it asks for a second. */
  readonly confirms?: Sha256;
  readonly recordedAt: Instant;
}

/** A loan that was given: two people answer for the seats that were missing, until it ends. */
export interface Loan {
  readonly terms: LoanTerms;
  /** The one who asked, and the one who confirmed. */
  readonly lenders: readonly { readonly role: string; readonly person: Identity; readonly signature: Sha256 }[];
  readonly at: Instant;
  /** At this instant it is over (design 6.6). */
  readonly until: Instant;
  /** The verdict under which it was deployed. */
  readonly verdict?: { readonly sha256: Sha256; readonly at: Instant };
  /** Since when the lent model serves. */
  readonly runningSince?: Instant;
  /** Set once the quorum approved what was lent. */
  readonly ratifiedAt?: Instant;
  /** Set once what served before serves again. */
  readonly takenBackAt?: Instant;
}

/**
 * What those who may ratify a loan are to be reminded of at an instant: that half of its time is over, then that a quarter is left.
 * `undefined` before, and once it is over. At night as well: nobody is asked again, and at its end it is taken back.
 */
export function loanReminderDue({ at, until }: Loan, now: Instant): "half" | "quarter" | undefined {
  const ends = msOfInstant(until);
  const left = (ends - msOfInstant(now)) / (ends - msOfInstant(at));
  if (left <= 0 || left > 1 / 2) return undefined;
  return left > 1 / 4 ? "half" : "quarter";
}

/** The loans that a model was given in one period, by their confirming signatures: written before a loan is given. */
export interface LoanBook {
  readonly revision: number;
  readonly loans: readonly Sha256[];
}

/** What entering a loan comes to: its number in the period, from 1, and what has to be written for it to count. */
export type LoanEntry =
  | { readonly kind: "entered"; readonly number: number; readonly book?: LoanBook }
  | { readonly kind: "used-up" };

/** Enters a loan; the same one again has the number that it has. */
export function enterLoan(book: LoanBook | undefined, signature: Sha256, most: number): LoanEntry {
  const { revision, loans } = book ?? { revision: 0, loans: [] };
  const known = loans.indexOf(signature);
  if (known >= 0) return { kind: "entered", number: known + 1 };
  if (loans.length >= most) return { kind: "used-up" };
  const next: LoanBook = { revision: revision + 1, loans: [...loans, signature] };
  return { kind: "entered", number: next.loans.length, book: next };
}
