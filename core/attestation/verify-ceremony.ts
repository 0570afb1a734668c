import type { Instant } from "../encoding/instant.ts";
import { Failure } from "../failure.ts";
import type { VerifyingKey, VerifySignature } from "./dsse.ts";
import {
  checkReviewerClaims,
  type Jwks,
  type ReadToken,
  type ReviewerClaims,
  readToken,
  type SubjectClaim,
  type VerifyJws,
} from "./id-token.ts";
import { isStrongKey, weakSignInKey } from "./strong-key.ts";

/** What a recorded ceremony is held against. */
export interface CeremonyTrust {
  readonly keys: readonly VerifyingKey[];
  readonly verifySignature: VerifySignature;
  readonly verifyJws: VerifyJws;
  readonly issuer: string;
  /** The applications to which the identity provider may have issued the token. */
  readonly audiences: readonly string[];
  readonly subjectClaim: SubjectClaim;
}

/**
 * Verifies that the identity provider signed a challenge, from the recorded token and the key kept beside it, as of the
 * instant of recording. Throws the failure that names what is wrong; answers who signed in.
 */
export function verifyCeremony(
  { idToken, jwks }: { readonly idToken: string; readonly jwks: Jwks },
  expected: { readonly challenge: string; readonly issuedAt: Instant; readonly recordedAt: Instant },
  trust: CeremonyTrust,
): ReviewerClaims {
  return verifyReadToken(readToken(idToken), jwks, expected, trust);
}

/** As `verifyCeremony`, for a token that was taken apart. */
export function verifyReadToken(
  token: ReadToken,
  jwks: Jwks,
  expected: { readonly challenge: string; readonly issuedAt: Instant; readonly recordedAt: Instant },
  trust: CeremonyTrust,
): ReviewerClaims {
  const jwk = jwks.keys.find((key) => key.kid === token.keyId);
  if (jwk === undefined || !trust.verifyJws(token.algorithm, jwk, token.signingInput, token.signature)) {
    throw new Failure("signature-invalid", "The identity provider's signature over the decision does not fit.");
  }
  if (!isStrongKey(jwk)) throw new Failure("signature-invalid", weakSignInKey);
  return checkReviewerClaims(token.claims, {
    issuer: trust.issuer,
    audiences: trust.audiences,
    subjectClaim: trust.subjectClaim,
    now: expected.recordedAt,
    nonce: expected.challenge,
    authenticatedAfter: expected.issuedAt,
  });
}
