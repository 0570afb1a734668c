import { inTotoPayloadType, pae } from "../../core/attestation/dsse.ts";
import { type ReviewerClaims, readToken } from "../../core/attestation/id-token.ts";
import { requireNotOfFuture } from "../../core/attestation/sign-off-context.ts";
import { base64url } from "../../core/encoding/base64.ts";
import { canonicalJsonBytes } from "../../core/encoding/canonical-json.ts";
import type { Instant } from "../../core/encoding/instant.ts";
import { sha256Bytes } from "../../core/encoding/sha256.ts";
import { Failure } from "../../core/failure.ts";

/** A statement and the ID token that signs it, as they were sent. */
export interface SignedRequest {
  readonly statement: unknown;
  readonly choice: { readonly issuedAt: Instant };
  readonly idToken: string;
}

type VerifyReviewer = (
  token: string,
  expected: { readonly now: Instant; readonly nonce: string; readonly authenticatedAfter: Instant },
) => Promise<ReviewerClaims>;

/** By whom a request is signed; `over`: why it may not sign any more where it did once. */
export type Signed =
  | { readonly signer: ReviewerClaims; readonly over?: undefined }
  | { readonly signer?: undefined; readonly over: Failure };

/**
 * Holds the token against the statement as it was sent, before anything is read: a stranger would learn by other refusals
 * what becomes of a promotion, and have all of its signatures read. Throws why it signs nothing. Where its sign-in has ended
 * since, it answers that: the same request again is answered also then.
 */
export async function requireSigned(
  { statement, choice, idToken }: SignedRequest,
  now: Instant,
  verifyReviewer: VerifyReviewer,
): Promise<Signed> {
  // No sign-in could be new enough for it, and whoever signs in again would be told the same.
  requireNotOfFuture(choice.issuedAt, now);
  const nonce = base64url(sha256Bytes(pae(inTotoPayloadType, canonicalJsonBytes(statement))));
  try {
    return { signer: await verifyReviewer(idToken, { now, nonce, authenticatedAfter: choice.issuedAt }) };
  } catch (error) {
    const isOver = error instanceof Failure && error.code === "token-expired";
    if (isOver && readToken(idToken).claims["nonce"] === nonce) return { over: error };
    throw error;
  }
}
