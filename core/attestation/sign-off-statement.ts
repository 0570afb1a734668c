import { base64url } from "../encoding/base64.ts";
import { canonicalJsonBytes } from "../encoding/canonical-json.ts";
import type { Instant } from "../encoding/instant.ts";
import { type Sha256, sha256Bytes, sha256Hex } from "../encoding/sha256.ts";
import type { Model } from "../promotion/freeze-manifest.ts";
import type { Identity } from "../promotion/identity.ts";
import type { PromotionId } from "../promotion/promotion-id.ts";
import type { ReleaseConditions } from "../promotion/release-conditions.ts";
import type { SignOff, SignOffResult } from "../promotion/sign-off.ts";
import type { Target } from "../promotion/target.ts";
import { inTotoPayloadType, pae } from "./dsse.ts";
import { type Statement, statementAbout } from "./statement.ts";

/** What a reviewer signs, beside the freeze manifest that the statement is about. */
export interface SignOffPredicate {
  readonly promotion: PromotionId;
  readonly model: Model;
  readonly target: Target;
  readonly review: number;
  readonly stage: { readonly index: number; readonly name: string };
  readonly result: SignOffResult;
  readonly reason: string;
  readonly roles: readonly string[];
  readonly reviewer: Identity;
  /** The person in whose place it is given, and the digest of the delegation that allows it. */
  readonly onBehalfOf?: { readonly person: Identity; readonly delegation: { readonly sha256: Sha256 } };
  /** What an approval asks of the release; absent: nothing beside what the target does anyway. */
  readonly conditions?: ReleaseConditions;
  /** Digest of the requirements that applied (design 3.8). */
  readonly requirements: { readonly sha256: Sha256 };
  /** Digest of the evidence summary that was shown. */
  readonly shown: { readonly sha256: Sha256 };
  /** 16 random bytes, base64url: two statements are never the same, and a digest gives nothing away. */
  readonly salt: string;
  readonly issuedAt: Instant;
  readonly expiresAt: Instant;
}

export type SignOffStatement = Statement<SignOffPredicate>;

/** The parts that come from the promotion: the service derives them again and takes nobody's word for them. */
export interface SignOffContext {
  readonly attestationBase: string;
  readonly freezeDigest: Sha256;
  readonly promotion: PromotionId;
  readonly model: Model;
  readonly target: Target;
  readonly review: number;
  readonly stage: { readonly index: number; readonly name: string };
  readonly requirements: Sha256;
  readonly shown: Sha256;
}

/** The parts that are the reviewer's. */
export interface SignOffChoice {
  readonly result: SignOffResult;
  readonly reason: string;
  readonly roles: readonly string[];
  readonly reviewer: Identity;
  readonly onBehalfOf?: SignOffPredicate["onBehalfOf"];
  readonly conditions?: ReleaseConditions;
  readonly salt: string;
  readonly issuedAt: Instant;
  readonly expiresAt: Instant;
}

/** How long a statement may be on its way from being written to being recorded. */
export const statementLifetimeSeconds = 900;

/** The predicate type of sign-offs under a deployment's own base address. */
export function signOffPredicateType(attestationBase: string): string {
  return `${attestationBase}/attestation/sign-off/v1`;
}

/** The statement of one sign-off: the same from the page, the command line and the service. */
export function signOffStatement(context: SignOffContext, choice: SignOffChoice): SignOffStatement {
  return statementAbout(context.freezeDigest, signOffPredicateType(context.attestationBase), {
    promotion: context.promotion,
    model: context.model,
    target: context.target,
    review: context.review,
    stage: context.stage,
    result: choice.result,
    reason: choice.reason,
    roles: choice.roles.toSorted(),
    reviewer: choice.reviewer,
    ...(choice.onBehalfOf === undefined ? {} : { onBehalfOf: choice.onBehalfOf }),
    ...(choice.conditions === undefined ? {} : { conditions: choice.conditions }),
    requirements: { sha256: context.requirements },
    shown: { sha256: context.shown },
    salt: choice.salt,
    issuedAt: choice.issuedAt,
    expiresAt: choice.expiresAt,
  });
}

/** In whose place a statement is given, as a recorded sign-off says it. */
export function placeOf({
  onBehalfOf,
}: {
  readonly onBehalfOf?: SignOffPredicate["onBehalfOf"] | undefined;
}): Pick<SignOff, "onBehalfOf"> {
  if (onBehalfOf === undefined) return {};
  return { onBehalfOf: { person: onBehalfOf.person, delegation: onBehalfOf.delegation.sha256 } };
}

/** What a statement asks of the release, as a recorded sign-off says it. */
export function askedIn({
  conditions,
}: {
  readonly conditions?: ReleaseConditions | undefined;
}): Pick<SignOff, "conditions"> {
  return conditions === undefined ? {} : { conditions };
}

/** The statement's bytes: canonical JSON, the payload of its envelope. */
export function statementBytes(statement: Statement<unknown, string>): Uint8Array {
  return canonicalJsonBytes(statement);
}

/** What the identity provider is asked to sign as `nonce`: base64url(SHA-256(PAE(statement))), 43 characters. */
export function challengeOf(statement: Statement<unknown, string>): string {
  return base64url(sha256Bytes(pae(inTotoPayloadType, statementBytes(statement))));
}

/** The sign-off's id: the challenge's bytes in hexadecimal. */
export function signOffId(statement: Statement<unknown, string>): Sha256 {
  return sha256Hex(pae(inTotoPayloadType, statementBytes(statement)));
}
