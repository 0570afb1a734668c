import { longestDelegationSeconds } from "../approval/delegation.ts";
import { equalBytes } from "../encoding/bytes.ts";
import { canonicalJson } from "../encoding/canonical-json.ts";
import { addSeconds, type Instant } from "../encoding/instant.ts";
import { Failure } from "../failure.ts";
import { sameIdentity } from "../promotion/identity.ts";
import {
  type DelegationPredicate,
  delegationIdOf,
  delegationPredicateType,
  delegationStatement,
} from "./delegation-statement.ts";
import { openEnvelope } from "./dsse.ts";
import type { SignIns } from "./installations-in-force.ts";
import { readDelegationPredicate } from "./read-delegation-request.ts";
import type { RecordedDelegationDeed } from "./recorded-delegation.ts";
import type { Passkey } from "./recorded-passkey.ts";
import { requireInTime } from "./sign-off-context.ts";
import { challengeOf, statementBytes } from "./sign-off-statement.ts";
import { predicateOf } from "./statement.ts";
import { type CeremonyTrust, verifyCeremony } from "./verify-ceremony.ts";
import { verifyPasskeyUse } from "./verify-passkey.ts";

/** What a deed about a delegation is held against. */
export interface DelegationTrust extends CeremonyTrust {
  /** The person's passkey by its id, verified before, where one signed. */
  readonly passkey?: Passkey;
}

/**
 * Verifies a recorded deed from its raw bytes: the service's signature, the statement, and over the same challenge the
 * identity provider's signature, and that of a passkey where one signed. Throws what is wrong.
 */
export function verifyRecordedDelegationDeed(
  recorded: RecordedDelegationDeed,
  attestationBase: string,
  trust: DelegationTrust,
): void {
  const { predicate, challenge } = openedPredicate(recorded, attestationBase, trust);
  const { issuedAt } = predicate;
  const signer = verifyCeremony(recorded, { challenge, issuedAt, recordedAt: recorded.recordedAt }, trust);
  if (!sameIdentity(signer.identity, recorded.person)) throw mismatch("it was done by somebody else");
  if (canonicalJson(signer.groups) !== canonicalJson(recorded.groups)) throw mismatch("it was done with other groups");
}

/** As `verifyRecordedDelegationDeed`, but for the ID token, which was left out: who did it is told by the record alone. */
export function verifyDelegationDeedWithoutToken(
  recorded: RecordedDelegationDeed,
  attestationBase: string,
  trust: Omit<DelegationTrust, keyof SignIns>,
): void {
  openedPredicate(recorded, attestationBase, trust);
}

function openedPredicate(
  recorded: RecordedDelegationDeed,
  attestationBase: string,
  trust: Omit<DelegationTrust, keyof SignIns>,
): { readonly predicate: DelegationPredicate; readonly challenge: string } {
  const payload = openEnvelope(recorded.envelope, trust.keys, trust.verifySignature);
  const predicate = readDelegationPredicate(predicateOf(payload, delegationPredicateType(attestationBase)));
  const statement = delegationStatement(attestationBase, predicate);
  if (!equalBytes(statementBytes(statement), payload))
    throw mismatch("its statement is about another delegation, or not canonical");
  requireInTime(predicate, recorded.recordedAt);
  const { delegation, deed, person } = predicate;
  if (delegationIdOf(delegation) !== recorded.id) throw mismatch("it is stored under another delegation's id");
  if (deed !== recorded.deed) throw mismatch("it is stored as another deed");
  if (canonicalJson(delegation) !== canonicalJson(recorded.delegation))
    throw mismatch("it is stored about another delegation");
  if (!sameIdentity(person, recorded.person)) throw mismatch("the statement names somebody else");
  requireParty(predicate);
  requireTerms(predicate, recorded.recordedAt);
  const challenge = challengeOf(statement);
  const { passkey, assertion, recordedAt } = recorded;
  const signed = { reviewer: person, recordedAt, ...(passkey === undefined ? {} : { passkey }) };
  const answer = assertion === undefined ? {} : { passkey: assertion };
  verifyPasskeyUse({ signOff: signed, ...answer }, challenge, trust.passkey, trust);
  return { predicate, challenge };
}

/** Between whom one may be given, and for how long, as its own terms tell it: asked again, since nobody but the service asks at the door. */
function requireTerms({ deed, delegation }: DelegationPredicate, recordedAt: Instant): void {
  if (deed !== "delegate") return;
  const { delegator, delegate, from, until } = delegation;
  if (sameIdentity(delegator, delegate)) throw new Failure("not-entitled", "Nobody stands in their own place.");
  const since = from < recordedAt ? recordedAt : from;
  if (until > addSeconds(since, longestDelegationSeconds))
    throw new Failure("not-entitled", `A delegation lasts ${longestDelegationSeconds / 86_400} days at most.`);
}

/** Whose deed each may be, as far as identities tell it. Both of the two may end it: that is the safe direction. */
export function requireParty({
  deed,
  delegation,
  person,
}: Pick<DelegationPredicate, "deed" | "delegation" | "person">): void {
  const own = sameIdentity(person, delegation.delegator);
  switch (deed) {
    case "delegate":
      if (!own) throw new Failure("not-entitled", "Nobody delegates what is another person's.");
      return;
    case "revoke":
      if (!own && !sameIdentity(person, delegation.delegate))
        throw new Failure("not-entitled", "A delegation is revoked by one of the two whom it is about.");
      return;
    default:
      deed satisfies never;
  }
}

function mismatch(what: string): Failure {
  return new Failure("statement-mismatch", `What is recorded about a delegation is not what was signed: ${what}.`);
}
