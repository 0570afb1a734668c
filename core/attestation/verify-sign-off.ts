import { canonicalJson } from "../encoding/canonical-json.ts";
import { Failure } from "../failure.ts";
import { sameIdentity } from "../promotion/identity.ts";
import { openEnvelope } from "./dsse.ts";
import { readSignOffRequest } from "./read-sign-off-request.ts";
import type { Passkey } from "./recorded-passkey.ts";
import { type RecordedSignOff, signInFacts } from "./recorded-sign-off.ts";
import { requireStatement } from "./sign-off-context.ts";
import { challengeOf, placeOf, type SignOffContext, signOffId, signOffPredicateType } from "./sign-off-statement.ts";
import { readStatement } from "./statement.ts";
import { type CeremonyTrust, verifyCeremony } from "./verify-ceremony.ts";
import { verifyPasskeyUse } from "./verify-passkey.ts";

/** What a recorded sign-off is held against. */
export interface SignOffTrust extends CeremonyTrust {
  /** The reviewer's passkey by its id, verified before, where one is needed. */
  readonly passkey?: Passkey;
}

/**
 * Verifies a recorded sign-off from its raw bytes, as if nothing had been checked when it was recorded: the service's
 * signature, the statement against the promotion, the identity provider's signature, that both are over the same
 * decision, and the passkey's signature where one was used. Throws the failure that names what is wrong.
 */
export function verifyRecordedSignOff(recorded: RecordedSignOff, context: SignOffContext, trust: SignOffTrust): void {
  const { signOff, envelope, idToken } = recorded;
  const payload = openEnvelope(envelope, trust.keys, trust.verifySignature);
  const sent = readStatement(payload, signOffPredicateType(context.attestationBase), context.freezeDigest);
  const request = readSignOffRequest({ statement: sent, idToken });
  const statement = requireStatement(request, context, signOff.recordedAt);
  if (signOffId(statement) !== signOff.id) throw mismatch("it is stored under another statement's id");

  const challenge = challengeOf(statement);
  const { issuedAt } = request.choice;
  const reviewer = verifyCeremony(recorded, { challenge, issuedAt, recordedAt: signOff.recordedAt }, trust);
  verifyPasskeyUse(recorded, challenge, trust.passkey, trust);
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
    onBehalfOf: signOff.onBehalfOf ?? null,
  };
  const signed = {
    promotion: predicate.promotion,
    review: predicate.review,
    stage: predicate.stage.index,
    result: predicate.result,
    reason: predicate.reason,
    roles: predicate.roles,
    onBehalfOf: placeOf(predicate).onBehalfOf ?? null,
  };
  if (canonicalJson(stored) !== canonicalJson(signed))
    throw mismatch("it is stored as another decision than the one signed");
}

function mismatch(what: string): Failure {
  return new Failure("statement-mismatch", `A recorded sign-off is not what was signed: ${what}.`);
}
