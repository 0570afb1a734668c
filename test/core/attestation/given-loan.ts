import { signEnvelope } from "../../../core/attestation/dsse.ts";
import { type LoanChoice, loanStatement } from "../../../core/attestation/loan-statement.ts";
import { type RecordedLoan, signedTerms } from "../../../core/attestation/recorded-loan.ts";
import { signOffContextOf } from "../../../core/attestation/sign-off-context.ts";
import { statementBytes } from "../../../core/attestation/sign-off-statement.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { LenderSignature } from "../../../core/promotion/loan.ts";
import { attestationBase, now, promotionInReview, sam } from "../promotion/promotion-in-review.ts";
import { claimsOf } from "./given-sign-off.ts";
import { attestation, provider } from "./signing-keys.ts";

const { stage: _, ...context } = signOffContextOf(promotionInReview(), attestationBase);

export const loanContext = context;

/** Sam asks for an hour. */
export const loanChoice: LoanChoice = {
  terms: { seconds: 3600, incident: "https://incidents.example/7" },
  reason: "Scores are down.",
  role: "sre",
  lender: sam.identity,
  salt: "AAAAAAAAAAAAAAAAAAAAAA",
  issuedAt: addSeconds(now, -60),
  expiresAt: addSeconds(now, 840),
};

/** What Sam signs of a loan, as it is recorded. */
export async function givenLoan(
  statement = loanStatement(loanContext, loanChoice),
  over: Partial<LenderSignature> = {},
): Promise<RecordedLoan> {
  return {
    signature: {
      ...signedTerms(statement),
      reviewer: sam.identity,
      reviewerName: sam.name,
      groups: sam.groups,
      recordedAt: now,
      ...over,
    },
    envelope: await signEnvelope(statementBytes(statement), attestation.key.keyid, attestation.sign),
    idToken: provider.token(claimsOf(sam, statement)),
    jwks: { keys: [provider.jwk] },
  };
}
