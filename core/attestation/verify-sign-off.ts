import { base64url } from "../encoding/base64.ts";
import { hex } from "../encoding/bytes.ts";
import { sameJson } from "../encoding/canonical-json.ts";
import { sha256Bytes } from "../encoding/sha256.ts";
import { Failure } from "../failure.ts";
import { sameIdentity } from "../promotion/identity.ts";
import type { SignOff } from "../promotion/sign-off.ts";
import { type ReadEnvelope, readEnvelope, requireSignature } from "./dsse.ts";
import { type ReadToken, readToken } from "./id-token.ts";
import { readSignOffRequest, type SignOffRequest } from "./read-sign-off-request.ts";
import type { Passkey } from "./recorded-passkey.ts";
import { type RecordedSignOff, signInFacts } from "./recorded-sign-off.ts";
import { requireStatement } from "./sign-off-context.ts";
import {
  askedIn,
  placeOf,
  type SignOffContext,
  type SignOffPredicate,
  signOffPredicateType,
} from "./sign-off-statement.ts";
import { readStatement } from "./statement.ts";
import { type CeremonyTrust, verifyReadToken } from "./verify-ceremony.ts";
import { verifyPasskeyUse } from "./verify-passkey.ts";

/** What a recorded sign-off is held against. */
export interface SignOffTrust extends CeremonyTrust {
  /** The reviewer's passkey by its id, verified before, where one is needed. */
  readonly passkey?: Passkey;
}

/** A sign-off's statement as its envelope holds it. */
export interface ReadSignOff {
  readonly envelope: ReadEnvelope;
  /** Its statement was read from canonical JSON. */
  readonly request: SignOffRequest;
}

/** Reads the statement of an envelope; nothing but its form and subject is checked. Throws what is wrong. */
export function readSignOff(envelope: ReadEnvelope, context: SignOffContext, idToken: string): ReadSignOff {
  const type = signOffPredicateType(context.attestationBase);
  const statement = readStatement(envelope.payload, type, context.freezeDigest);
  return { envelope, request: readSignOffRequest({ statement, idToken }) };
}

/**
 * Verifies a recorded sign-off from its raw bytes, as if nothing had been checked when it was recorded: the service's
 * signature, the statement against the promotion, the identity provider's signature, that both are over the same
 * decision, and the passkey's signature where one was used. Throws the failure that names what is wrong.
 */
export function verifyRecordedSignOff(recorded: RecordedSignOff, context: SignOffContext, trust: SignOffTrust): void {
  const envelope = readEnvelope(recorded.envelope, trust.keys);
  requireSignature(envelope, trust.verifySignature);
  verifyReadSignOff(recorded, readSignOff(envelope, context, recorded.idToken), context, trust);
}

/**
 * As `verifyRecordedSignOff`, but for the envelope's signature, which is the caller's to verify. Answers the ID token's
 * claims.
 */
export function verifyReadSignOff(
  recorded: RecordedSignOff,
  { envelope, request }: ReadSignOff,
  context: SignOffContext,
  trust: SignOffTrust,
): ReadToken["claims"] {
  const { signOff } = recorded;
  const { predicate } = requireStatement(request, context, signOff.recordedAt, "canonical");
  // What was derived is the payload, byte for byte: so its digest is the statement's, and nothing is encoded again.
  const digest = sha256Bytes(envelope.message);
  if (hex(digest) !== signOff.id) throw mismatch("it is stored under another statement's id");

  const challenge = base64url(digest);
  const { issuedAt } = request.choice;
  const token = readToken(recorded.idToken);
  const times = { issuedAt, recordedAt: signOff.recordedAt };
  const reviewer = verifyReadToken(token, recorded.jwks, { challenge, ...times }, trust);
  verifyPasskeyUse(recorded, challenge, trust.passkey, trust);
  if (!sameIdentity(reviewer.identity, signOff.reviewer)) throw mismatch("it is stored as somebody else's");
  if (!sameJson(reviewer.groups, signOff.groups)) throw mismatch("it is stored with other groups");
  if (!sameJson(signInFacts(reviewer), signInFacts(signOff)))
    throw mismatch("it is stored with another kind of sign-in");
  requireAsSigned(signOff, predicate);
  return token.claims;
}

/** That a sign-off is stored as what was signed: also asked where the token, which says who signed, was left out. */
export function requireAsSigned(signOff: SignOff, predicate: SignOffPredicate): void {
  if (!sameIdentity(signOff.reviewer, predicate.reviewer)) throw mismatch("the statement names somebody else");
  const stored = {
    promotion: signOff.promotion,
    review: signOff.review,
    stage: signOff.stage,
    result: signOff.result,
    reason: signOff.reason,
    roles: signOff.roles,
    onBehalfOf: signOff.onBehalfOf ?? null,
    conditions: signOff.conditions ?? null,
  };
  const signed = {
    promotion: predicate.promotion,
    review: predicate.review,
    stage: predicate.stage.index,
    result: predicate.result,
    reason: predicate.reason,
    roles: predicate.roles,
    onBehalfOf: placeOf(predicate).onBehalfOf ?? null,
    conditions: askedIn(predicate).conditions ?? null,
  };
  if (!sameJson(stored, signed)) throw mismatch("it is stored as another decision than the one signed");
}

function mismatch(what: string): Failure {
  return new Failure("statement-mismatch", `A recorded sign-off is not what was signed: ${what}.`);
}
