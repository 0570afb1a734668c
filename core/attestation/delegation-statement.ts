import type { DelegationTerms } from "../approval/delegation.ts";
import { canonicalJsonBytes } from "../encoding/canonical-json.ts";
import type { Instant } from "../encoding/instant.ts";
import { type Sha256, sha256Hex } from "../encoding/sha256.ts";
import type { Identity } from "../promotion/identity.ts";
import { type Statement, statementType } from "./statement.ts";

/** What people do with a delegation. */
export const delegationDeeds = ["delegate", "revoke"] as const;
export type DelegationDeed = (typeof delegationDeeds)[number];

/** The subject's name in statements about delegations; its digest is the delegation's id. */
const delegationSubject = "delegation.json";

/** A delegation as its delegator gives it. */
export interface DelegationDocument extends DelegationTerms {
  readonly reason: string;
  /** 16 random bytes, base64url: the same delegation given twice is two. */
  readonly salt: string;
}

/** What a person signs about a delegation. The whole document is in each. */
export interface DelegationPredicate {
  readonly deed: DelegationDeed;
  readonly delegation: DelegationDocument;
  /** Who does it. */
  readonly person: Identity;
  readonly issuedAt: Instant;
  readonly expiresAt: Instant;
}

export type DelegationStatement = Statement<DelegationPredicate, typeof delegationSubject>;

/** Digest of the document's canonical JSON: what sign-offs name it by. */
export function delegationIdOf(document: DelegationDocument): Sha256 {
  return sha256Hex(canonicalJsonBytes(document));
}

/** The predicate type of statements about delegations under a deployment's own base address. */
export function delegationPredicateType(attestationBase: string): string {
  return `${attestationBase}/attestation/delegation/v1`;
}

/** The statement of one deed: the same from the page, the command line and the service. */
export function delegationStatement(attestationBase: string, predicate: DelegationPredicate): DelegationStatement {
  return {
    _type: statementType,
    subject: [{ name: delegationSubject, digest: { sha256: delegationIdOf(predicate.delegation) } }],
    predicateType: delegationPredicateType(attestationBase),
    predicate,
  };
}
