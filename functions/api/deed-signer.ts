import type { Jwks, ReviewerClaims } from "../../core/attestation/id-token.ts";
import { requireInTime } from "../../core/attestation/sign-off-context.ts";
import type { Instant } from "../../core/encoding/instant.ts";
import { Failure } from "../../core/failure.ts";
import { type Identity, sameIdentity } from "../../core/promotion/identity.ts";

export type VerifyReviewer = (
  token: string,
  expected: { readonly now: Instant; readonly nonce: string; readonly authenticatedAfter: Instant },
) => Promise<ReviewerClaims & { readonly jwks: Jwks }>;

/** Who signed what they do about a passkey or a delegation, as of an instant. */
export type DeedSigner = ReviewerClaims & { readonly jwks: Jwks; readonly at: Instant };

/** Throws where the statement is not in its time, or the login is another person's or another decision's. */
export async function deedSigner(
  verifyReviewer: VerifyReviewer,
  request: {
    readonly predicate: { readonly person: Identity; readonly issuedAt: Instant; readonly expiresAt: Instant };
    readonly idToken: string;
  },
  challenge: string,
  at: Instant,
): Promise<DeedSigner> {
  const { predicate, idToken } = request;
  requireInTime(predicate, at);
  const signer = await verifyReviewer(idToken, {
    now: at,
    nonce: challenge,
    authenticatedAfter: predicate.issuedAt,
  });
  if (!sameIdentity(signer.identity, predicate.person))
    throw new Failure("statement-mismatch", "The statement names somebody else than the person who signed in.");
  return { ...signer, at };
}
