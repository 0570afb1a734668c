import { addSeconds, type Instant, nearestInstant } from "../encoding/instant.ts";
import { Failure } from "../failure.ts";
import { clockSkewSeconds, readToken } from "./id-token.ts";

/**
 * When the identity provider issued a token, by its own clock (`iat`, RFC 7519 section 4.1.6), of claims that have been checked:
 * whoever records what it signs does not choose that.
 */
export function issuedIn(claims: Readonly<Record<string, unknown>>): Instant {
  const { iat } = claims;
  if (typeof iat !== "number") throw new Failure("token-invalid", "The token does not say when it was issued.");
  // Within the clock skew it may lie beyond the last instant that there is.
  return nearestInstant(Math.floor(iat * 1000));
}

/** The same of a token as it is sent and kept. */
export function issuedAt(idToken: string): Instant {
  return issuedIn(readToken(idToken).claims);
}

/** As late as it may have been by our own clock. */
export function issuedByNow(issued: Instant): Instant {
  return addSeconds(issued, clockSkewSeconds);
}
