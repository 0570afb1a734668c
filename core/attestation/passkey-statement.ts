import type { Instant } from "../encoding/instant.ts";
import type { Identity } from "../promotion/identity.ts";
import type { PasskeyCredential } from "./passkey-assertion.ts";
import { passkeyIdOf } from "./passkey-key.ts";
import { type Statement, statementType } from "./statement.ts";

/** What people do with a passkey. Nothing else is ever done with one but signing. */
export const passkeyDeeds = ["enrol", "confirm", "revoke"] as const;
export type PasskeyDeed = (typeof passkeyDeeds)[number];

/** The subject's name in statements about passkeys; its digest is the passkey's id. */
const passkeySubject = "passkey.jwk";

/** A passkey as its owner enrols it: who may use it, for which page. */
export interface PasskeyDescription extends PasskeyCredential {
  readonly owner: Identity;
  /** What the owner calls it, to tell it from others. */
  readonly name: string;
}

/** What a person signs about a passkey. The whole description is in each, so that nobody confirms what they do not see. */
export interface PasskeyPredicate {
  readonly deed: PasskeyDeed;
  readonly passkey: PasskeyDescription;
  /** Who does it. */
  readonly person: Identity;
  readonly reason: string;
  /** 16 random bytes, base64url. For an enrolment also the challenge of the authenticator's registration. */
  readonly salt: string;
  readonly issuedAt: Instant;
  readonly expiresAt: Instant;
}

export type PasskeyStatement = Statement<PasskeyPredicate, typeof passkeySubject>;

/** The predicate type of statements about passkeys under a deployment's own base address. */
export function passkeyPredicateType(attestationBase: string): string {
  return `${attestationBase}/attestation/passkey/v1`;
}

/** The statement of one deed: the same from the page and the service. */
export function passkeyStatement(attestationBase: string, predicate: PasskeyPredicate): PasskeyStatement {
  const { passkey } = predicate;
  return {
    _type: statementType,
    subject: [{ name: passkeySubject, digest: { sha256: passkeyIdOf(passkey.publicKey) } }],
    predicateType: passkeyPredicateType(attestationBase),
    predicate,
  };
}
