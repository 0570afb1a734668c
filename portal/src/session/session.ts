import { checkReviewerClaims, type SubjectClaim } from "../../../core/attestation/id-token.ts";
import { instantFromMs } from "../../../core/encoding/instant.ts";
import type { Identity } from "../../../core/promotion/identity.ts";

/** Somebody signed in. Lives in memory only and is gone with the page. */
export interface Session {
  readonly idToken: string;
  readonly reviewer: Reviewer;
  /** Milliseconds since the epoch, by the service's clock. */
  readonly expiresAt: number;
}

/** Who signed in. */
export interface Reviewer {
  readonly identity: Identity;
  readonly name: string;
  readonly groups: readonly string[];
  /** For the identity provider to propose when the same person signs in again. */
  readonly loginHint?: string;
}

/** The session of an ID token whose claims were read. Throws as the service would on its claims. */
export function sessionOf(
  idToken: string,
  claims: Readonly<Record<string, unknown>>,
  expected: {
    readonly issuer: string;
    readonly clientId: string;
    readonly subjectClaim: SubjectClaim;
    readonly nonce: string;
    readonly now: number;
  },
): Session {
  const { identity, name, groups } = checkReviewerClaims(claims, {
    issuer: expected.issuer,
    audiences: [expected.clientId],
    subjectClaim: expected.subjectClaim,
    nonce: expected.nonce,
    now: instantFromMs(expected.now),
  });
  const { email, exp } = claims;
  return {
    idToken,
    reviewer: { identity, name, groups, ...(typeof email === "string" ? { loginHint: email } : {}) },
    expiresAt: Number(exp) * 1000,
  };
}
