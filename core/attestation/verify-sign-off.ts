import { canonicalJson } from "../encoding/canonical-json.ts";
import { Failure } from "../failure.ts";
import { sameIdentity } from "../promotion/identity.ts";
import { openEnvelope, type VerifyingKey, type VerifySignature } from "./dsse.ts";
import { checkReviewerClaims, type Jwk, readToken } from "./id-token.ts";
import { readSignOffRequest } from "./read-sign-off-request.ts";
import { type RecordedSignOff, signInFacts } from "./recorded-sign-off.ts";
import { requireStatement } from "./sign-off-context.ts";
import { challengeOf, type SignOffContext, signOffId, signOffPredicateType } from "./sign-off-statement.ts";
import { readStatement } from "./statement.ts";

/** Verifies a JWS signature over `signingInput` by a JSON Web Key, for the algorithm that its header names. */
export type VerifyJws = (algorithm: string, jwk: Jwk, signingInput: Uint8Array, signature: Uint8Array) => boolean;

/** What a recorded sign-off is held against. */
export interface SignOffTrust {
  readonly keys: readonly VerifyingKey[];
  readonly verifySignature: VerifySignature;
  readonly verifyJws: VerifyJws;
  readonly issuer: string;
  /** The applications to which the identity provider may have issued the token. */
  readonly audiences: readonly string[];
}

/**
 * Verifies a recorded sign-off from its raw bytes, as if nothing had been checked when it was recorded: the service's
 * signature, the statement against the promotion, the identity provider's signature, and that both are over the same
 * decision. Throws the failure that names what is wrong.
 */
export function verifyRecordedSignOff(recorded: RecordedSignOff, context: SignOffContext, trust: SignOffTrust): void {
  const { signOff, envelope, idToken, jwks } = recorded;
  const payload = openEnvelope(envelope, trust.keys, trust.verifySignature);
  const sent = readStatement(payload, signOffPredicateType(context.attestationBase), context.freezeDigest);
  const request = readSignOffRequest({ statement: sent, idToken });
  const statement = requireStatement(request, context, signOff.recordedAt);
  if (signOffId(statement) !== signOff.id) throw mismatch("it is stored under another statement's id");

  const token = readToken(idToken);
  const jwk = jwks.keys.find((key) => key.kid === token.keyId);
  if (jwk === undefined || !trust.verifyJws(token.algorithm, jwk, token.signingInput, token.signature)) {
    throw new Failure("signature-invalid", "The identity provider's signature over the decision does not fit.");
  }
  const reviewer = checkReviewerClaims(token.claims, {
    issuer: trust.issuer,
    audiences: trust.audiences,
    now: signOff.recordedAt,
    nonce: challengeOf(statement),
    authenticatedAfter: request.choice.issuedAt,
  });
  const { predicate } = statement;
  if (!sameIdentity(reviewer.identity, signOff.reviewer)) throw mismatch("it is stored as somebody else's");
  if (!sameIdentity(reviewer.identity, predicate.reviewer)) throw mismatch("the statement names somebody else");
  if (canonicalJson(reviewer.groups) !== canonicalJson(signOff.groups))
    throw mismatch("it is stored with other groups");
  if (canonicalJson(signInFacts(reviewer)) !== canonicalJson(signInFacts(signOff)))
    throw mismatch("it is stored with another kind of sign-in");
  const stored = {
    promotion: signOff.promotion,
    review: signOff.review,
    stage: signOff.stage,
    result: signOff.result,
    reason: signOff.reason,
    roles: signOff.roles,
  };
  const signed = {
    promotion: predicate.promotion,
    review: predicate.review,
    stage: predicate.stage.index,
    result: predicate.result,
    reason: predicate.reason,
    roles: predicate.roles,
  };
  if (canonicalJson(stored) !== canonicalJson(signed))
    throw mismatch("it is stored as another decision than the one signed");
}

function mismatch(what: string): Failure {
  return new Failure("statement-mismatch", `A recorded sign-off is not what was signed: ${what}.`);
}
