import { durationText, durationWords } from "../encoding/policy-file.ts";
import type { Sha256 } from "../encoding/sha256.ts";
import type { Fact } from "../promotion/fact.ts";
import type { LenderSignature } from "../promotion/loan.ts";
import type { PromotionId } from "../promotion/promotion-id.ts";
import type { LoanStatement } from "./loan-statement.ts";
import { attachmentOf, type Blob, ceremonyBlobs, type RecordedSignOff, signInFacts } from "./recorded-sign-off.ts";
import { signOffId } from "./sign-off-statement.ts";

/** A lender's signature as it is stored, with everything that proves who gave it. */
export interface RecordedLoan extends Omit<RecordedSignOff, "signOff"> {
  readonly signature: LenderSignature;
}

/** What a signature says: of its statement what the rules need. */
export function signedTerms(
  statement: LoanStatement,
): Pick<LenderSignature, "id" | "promotion" | "review" | "terms" | "reason" | "role" | "confirms"> {
  const { promotion, review, terms, reason, role, confirms } = statement.predicate;
  return {
    id: signOffId(statement),
    promotion,
    review,
    terms,
    reason,
    role,
    ...(confirms === undefined ? {} : { confirms: confirms.sha256 }),
  };
}

/** The name of the document that a lender's envelope is kept in. */
export const loanEnvelopeName = "loan.dsse.json";

/** The documents that a lender's signature rests on. */
export function loanBlobs(recorded: RecordedLoan): readonly Blob[] {
  return ceremonyBlobs(loanEnvelopeName, recorded, recorded.passkey);
}

/** The id of the fact that a lender signed. */
export function loanFactId(promotion: PromotionId, signature: Sha256): string {
  return `${promotion}/loan/${signature}`;
}

/** What a lender did, in a sentence; `as` is the role as its readers know it. */
export function loanSentence(signature: LenderSignature, as: string): string {
  return sentence(signature, as, durationWords);
}

function sentence(
  { reviewerName, confirms, terms }: LenderSignature,
  as: string,
  duration: (seconds: number) => string,
): string {
  const did = confirms === undefined ? "asked for a loan" : "confirmed a loan";
  return `${reviewerName} ${did} of ${duration(terms.seconds)} as ${as}.`;
}

/** The fact that a lender signed. What comes of it is another. Made anew of what is kept whenever it is told: its words stay as they are. */
export function loanFact(recorded: RecordedLoan): Fact {
  const { signature } = recorded;
  const { id, promotion, review, terms, reason, role, confirms, reviewer, groups, passkey } = signature;
  return {
    id: loanFactId(promotion, id),
    type: "loan-requested",
    at: signature.recordedAt,
    promotion,
    summary: sentence(signature, role, durationText),
    body: {
      signature: id,
      review,
      seconds: terms.seconds,
      incident: terms.incident,
      reason,
      role,
      ...(confirms === undefined ? {} : { confirms }),
      lender: { issuer: reviewer.issuer, subject: reviewer.subject },
      groups,
      ...(signature.acr === undefined && signature.amr === undefined ? {} : { signIn: signInFacts(signature) }),
      ...(passkey === undefined ? {} : { passkey: { ...passkey } }),
    },
    attachments: loanBlobs(recorded).map(attachmentOf),
  };
}
