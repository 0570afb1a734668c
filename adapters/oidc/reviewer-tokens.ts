import { JwtVerifier } from "aws-jwt-verify";
import { JwtExpiredError } from "aws-jwt-verify/error";
import {
  checkReviewerClaims,
  type ExpectedClaims,
  type Jwk,
  type Jwks,
  type ReviewerClaims,
  readToken,
  signInAlgorithms,
} from "../../core/attestation/id-token.ts";
import { Failure } from "../../core/failure.ts";
import { keySetCache } from "./key-sets.ts";

/** A verified reviewer, and the key that verified them, to keep beside the token. */
export interface VerifiedReviewer extends ReviewerClaims {
  readonly jwks: Jwks;
}

/** What a caller may ask of a token beyond being a good one. */
export type ReviewerExpectation = Omit<ExpectedClaims, "issuer" | "audiences">;

/** Verifies ID tokens of the reviewers' one identity provider. Never give it a machine issuer (facts: one verifier, one kind). */
export function reviewerTokens(settings: { readonly issuer: string; readonly audiences: readonly string[] }) {
  const cache = keySetCache();
  const jwksUri = `${settings.issuer}/.well-known/jwks.json`;
  const verifier = JwtVerifier.create(
    { issuer: settings.issuer, audience: [...settings.audiences], jwksUri, graceSeconds: 0 },
    { jwksCache: cache },
  );
  return async (token: string, expected: ReviewerExpectation): Promise<VerifiedReviewer> => {
    const { algorithm, keyId } = readToken(token);
    // The library takes others as well; a decision that is signed so could be verified by nobody afterwards.
    if (!signInAlgorithms.includes(algorithm)) {
      const sentence = `The identity provider signed the token in a way that cannot be verified later; it has to sign by ${signInAlgorithms.join(", ")}.`;
      throw new Failure("token-invalid", sentence);
    }
    const claims = await verified(verifier.verify(token));
    const jwk =
      keyId === undefined
        ? undefined
        : cache.getCachedJwk(jwksUri, { header: { alg: "RS256", kid: keyId }, payload: {} });
    if (jwk === undefined) throw new Failure("token-invalid", "The key that signed the token cannot be named.");
    const reviewer = checkReviewerClaims(claims, { ...settings, ...expected });
    return { ...reviewer, jwks: { keys: [jwk as Jwk] } };
  };
}

/** The claims of a token, or why it is no good: a token's fault is told apart from a key set that cannot be had. */
export async function verified(verification: Promise<object>): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await verification) as Readonly<Record<string, unknown>>;
  } catch (cause) {
    if (cause instanceof JwtExpiredError)
      throw new Failure("token-expired", "The sign-in has expired; please sign in again.", { cause });
    if (cause instanceof Failure) throw cause;
    const name = cause instanceof Error ? cause.name : "";
    if (name === "TypeError" || name === "TimeoutError") {
      throw new Failure("unavailable", "The identity provider's keys cannot be fetched at the moment.", { cause });
    }
    throw new Failure("token-invalid", "The token is not one of the trusted issuer's, or was altered.", { cause });
  }
}
