import { JwtVerifier } from "aws-jwt-verify";
import { JwksValidationError, JwtExpiredError } from "aws-jwt-verify/error";
import {
  checkReviewerClaims,
  clockSkewSeconds,
  type ExpectedClaims,
  type Jwk,
  type Jwks,
  type ReviewerClaims,
  readToken,
  signInAlgorithms,
} from "../../core/attestation/id-token.ts";
import type { SignIns } from "../../core/attestation/installations-in-force.ts";
import { isStrongKey, weakSignInKey } from "../../core/attestation/strong-key.ts";
import { msOfInstant } from "../../core/encoding/instant.ts";
import { Failure } from "../../core/failure.ts";
import { keySetAddress, keySetCache } from "./key-sets.ts";

/** A verified reviewer, and the key that verified them, to keep beside the token. */
export interface VerifiedReviewer extends ReviewerClaims {
  readonly jwks: Jwks;
}

/** What a caller may ask of a token beyond being a good one. */
export type ReviewerExpectation = Omit<ExpectedClaims, keyof SignIns>;

/** Verifies ID tokens of the reviewers' one identity provider. Never give it a machine issuer (facts: one verifier, one kind). */
export function reviewerTokens(settings: SignIns) {
  const cache = keySetCache();
  let found: Promise<ReturnType<typeof by>> | undefined;
  const by = (jwksUri: string) => ({
    jwksUri,
    verifier: JwtVerifier.create(
      // Of when it begins (`nbf`); its end is looked at below, to the second.
      { issuer: settings.issuer, audience: [...settings.audiences], jwksUri, graceSeconds: clockSkewSeconds },
      { jwksCache: cache },
    ),
  });
  // Asked once, and again after it was not answered, or there were no keys any more where it said.
  const discovered = () => {
    found ??= keySetAddress(settings.issuer)
      .then(by)
      .catch((error: unknown) => {
        found = undefined;
        throw error;
      });
    return found;
  };
  return async (token: string, expected: ReviewerExpectation): Promise<VerifiedReviewer> => {
    const { algorithm, keyId, claims: unverified } = readToken(token);
    // The library takes others as well; a decision that is signed so could be verified by nobody afterwards.
    if (!signInAlgorithms.includes(algorithm)) {
      const sentence = `The identity provider signed the token in a way that cannot be verified later; it has to sign by ${signInAlgorithms.join(", ")}.`;
      throw new Failure("token-invalid", sentence);
    }
    const { jwksUri, verifier } = await reached(discovered());
    if (unverified["iss"] !== settings.issuer) throw new Failure("token-invalid", foreignIssuer(settings));
    const claims = await verified(verifier.verify(token)).catch((error: unknown) => {
      if (error instanceof Failure && error.code === "unavailable") found = undefined;
      throw error;
    });
    const jwk =
      keyId === undefined
        ? undefined
        : cache.getCachedJwk(jwksUri, { header: { alg: "RS256", kid: keyId }, payload: {} });
    if (jwk === undefined) throw new Failure("token-invalid", "The key that signed the token cannot be named.");
    if (!isStrongKey(jwk as Jwk)) throw new Failure("token-invalid", weakSignInKey);
    requireOwnSignIn(claims);
    const reviewer = checkReviewerClaims(claims, { ...settings, ...expected });
    if (expected.authenticatedAfter !== undefined) requireFreshSignIn(claims, reviewer);
    return { ...reviewer, jwks: { keys: [jwk as Jwk] } };
  };
}

/** Said to whoever sends a good token to the wrong place: a pipeline's, mostly. */
function foreignIssuer({ issuer }: SignIns): string {
  return `The token's issuer is not taken here. People sign in at ${issuer}; a pipeline's token is taken only where the API's description says so.`;
}

/**
 * Throws `not-fresh` for a token of Cognito's about somebody who comes from another provider behind it. Its `auth_time` is
 * when Cognito heard from that provider, which may have let in a session of this morning: the browser carries `prompt=login`
 * there, so whoever sits at it can leave that out.
 */
function requireOwnSignIn({ identities }: Readonly<Record<string, unknown>>): void {
  if (identities === undefined) return;
  throw new Failure(
    "not-fresh",
    "You come from another identity provider behind the user pool, and nothing says when you signed in there: use an account of the pool, or let that provider be the issuer itself (docs/deployment.md).",
  );
}

/** From when somebody has signed in until the provider signs that, with a second factor and whatever it asks besides. */
const longestSignInSeconds = 300;

/**
 * Throws `not-fresh` where a provider that remembered somebody signed a decision by itself. A statement says when it was made, which
 * whoever sits at the browser of somebody who signed in to read can date back to that sign-in, and leave `prompt=login` out.
 */
function requireFreshSignIn(
  { iat }: Readonly<Record<string, unknown>>,
  { authenticatedAt }: Pick<ReviewerClaims, "authenticatedAt">,
): void {
  if (Number(iat) <= msOfInstant(authenticatedAt) / 1000 + longestSignInSeconds) return;
  throw new Failure(
    "not-fresh",
    "The identity provider signed this by an earlier sign-in, without asking who is there; a decision needs a sign-in of its own.",
  );
}

/** The claims of a token, or why it is no good: a token's fault is told apart from a key set that cannot be had. */
export async function verified(verification: Promise<object>): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await reached(verification)) as Readonly<Record<string, unknown>>;
  } catch (cause) {
    if (cause instanceof JwtExpiredError)
      throw new Failure("token-expired", "The sign-in has expired; please sign in again.", { cause });
    if (cause instanceof Failure) throw cause;
    throw new Failure("token-invalid", "The token is not one of the trusted issuer's, or was altered.", { cause });
  }
}

/**
 * What Node says of an address that is not reached, as `unavailable`; and what is answered there and is no key set, such as the
 * page of a provider that is worked on: whoever signed is to try again, and would sign anew where their token was called bad.
 */
async function reached<Answer>(asked: Promise<Answer>): Promise<Answer> {
  try {
    return await asked;
  } catch (cause) {
    const name = cause instanceof Error ? cause.name : "";
    if (name !== "TypeError" && name !== "TimeoutError" && !(cause instanceof JwksValidationError)) throw cause;
    throw new Failure("unavailable", "The identity provider's keys cannot be fetched at the moment.", { cause });
  }
}
