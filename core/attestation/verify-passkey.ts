import { equalBytes } from "../encoding/bytes.ts";
import { canonicalJson } from "../encoding/canonical-json.ts";
import { addSeconds } from "../encoding/instant.ts";
import { Failure } from "../failure.ts";
import { sameIdentity } from "../promotion/identity.ts";
import type { SignOff } from "../promotion/sign-off.ts";
import { openEnvelope } from "./dsse.ts";
import { verifyAssertion } from "./passkey-assertion.ts";
import { passkeyIdOf } from "./passkey-key.ts";
import { type PasskeyPredicate, passkeyPredicateType, passkeyStatement } from "./passkey-statement.ts";
import { readPasskeyPredicate } from "./read-passkey-request.ts";
import { type Passkey, type RecordedPasskeyDeed, timesOf, whyPasskeyDoesNotStand } from "./recorded-passkey.ts";
import type { RecordedSignOff } from "./recorded-sign-off.ts";
import { requireInTime } from "./sign-off-context.ts";
import { challengeOf, statementBytes } from "./sign-off-statement.ts";
import { predicateOf } from "./statement.ts";
import { type CeremonyTrust, verifyCeremony } from "./verify-ceremony.ts";

/**
 * Verifies a recorded deed from its raw bytes: the service's signature, the statement, the identity provider's
 * signature over the same challenge, and of an enrolment the new passkey's own. Throws what is wrong.
 */
export function verifyRecordedPasskeyDeed(
  recorded: RecordedPasskeyDeed,
  attestationBase: string,
  trust: CeremonyTrust,
): void {
  const { predicate, challenge } = openedPredicate(recorded, attestationBase, trust);
  const signer = verifyCeremony(
    recorded,
    { challenge, issuedAt: predicate.issuedAt, recordedAt: recorded.recordedAt },
    trust,
  );
  if (!sameIdentity(signer.identity, recorded.person)) throw mismatch("it was done by somebody else");
  if (canonicalJson(signer.groups) !== canonicalJson(recorded.groups)) throw mismatch("it was done with other groups");
}

/** As `verifyRecordedPasskeyDeed`, but for the ID token, which was left out: who did it is told by the record alone. */
export function verifyPasskeyDeedWithoutToken(
  recorded: RecordedPasskeyDeed,
  attestationBase: string,
  trust: Pick<CeremonyTrust, "keys" | "verifySignature" | "verifyJws">,
): void {
  openedPredicate(recorded, attestationBase, trust);
}

function openedPredicate(
  recorded: RecordedPasskeyDeed,
  attestationBase: string,
  trust: Pick<CeremonyTrust, "keys" | "verifySignature" | "verifyJws">,
): { readonly predicate: PasskeyPredicate; readonly challenge: string } {
  const payload = openEnvelope(recorded.envelope, trust.keys, trust.verifySignature);
  const predicate = readPasskeyPredicate(predicateOf(payload, passkeyPredicateType(attestationBase)));
  const statement = passkeyStatement(attestationBase, predicate);
  if (!equalBytes(statementBytes(statement), payload))
    throw mismatch("its statement is about another key, or not canonical");
  requireInTime(predicate, recorded.recordedAt);
  const { passkey, deed, person } = predicate;
  if (passkeyIdOf(passkey.publicKey) !== recorded.id) throw mismatch("it is stored under another key's id");
  if (deed !== recorded.deed) throw mismatch("it is stored as another deed");
  if (canonicalJson(passkey) !== canonicalJson(recorded.passkey)) throw mismatch("it is stored about another passkey");
  if (!sameIdentity(person, recorded.person)) throw mismatch("the statement names somebody else");
  requireHands(predicate);
  const challenge = challengeOf(statement);
  if (deed === "enrol") {
    if (recorded.assertion === undefined) throw mismatch("the new passkey did not sign its own enrolment");
    verifyAssertion(recorded.assertion, { credential: passkey, challenge }, trust.verifyJws);
  }
  return { predicate, challenge };
}

/** Whose deed each may be, as far as identities tell it; people.yaml can tell more. */
export function requireHands({ deed, passkey, person }: Pick<PasskeyPredicate, "deed" | "passkey" | "person">): void {
  const own = sameIdentity(person, passkey.owner);
  switch (deed) {
    case "enrol":
      if (!own) throw new Failure("not-entitled", "A passkey is enrolled by its owner and nobody else.");
      return;
    case "confirm":
      if (own) throw new Failure("not-entitled", "Nobody confirms their own passkey: a second person does.");
      return;
    case "revoke":
      return;
    default:
      deed satisfies never;
  }
}

/**
 * Whoever reads may not see yet what was revoked so long before, by the clock of another host: 5 seconds between two clocks, and 3 in
 * which what is recorded as of an instant is written (core/archive/pack/on-its-way.ts).
 */
export const revocationUnseenSeconds = 8;

/**
 * Verifies that a passkey signed a sign-off: one of the reviewer's own, that stood when the sign-off was recorded, over
 * the challenge that the identity provider signed. Of a revocation of the same seconds it is no fault to have signed: the
 * sign-off counts as given without the passkey from then on. Throws `passkey-invalid` or `statement-mismatch`.
 */
export function verifyPasskeyUse(
  {
    signOff,
    passkey: assertion,
  }: Pick<RecordedSignOff, "passkey"> & {
    readonly signOff: Pick<SignOff, "reviewer" | "passkey" | "recordedAt">;
  },
  challenge: string,
  passkey: Passkey | undefined,
  trust: Pick<CeremonyTrust, "verifyJws">,
): void {
  const { passkey: use } = signOff;
  if ((use === undefined) !== (assertion === undefined))
    throw mismatch("a sign-off and the passkey's answer that is kept with it contradict each other");
  if (use === undefined || assertion === undefined) return;
  if (passkey === undefined || passkey.id !== use.id)
    throw new Failure("passkey-invalid", "The passkey that signed was never enrolled.");
  if (!sameIdentity(passkey.description.owner, signOff.reviewer))
    throw new Failure("passkey-invalid", "The passkey that signed is somebody else's.");
  const { revokedAt, ...confirmed } = timesOf(passkey);
  const unseen = revokedAt !== undefined && signOff.recordedAt <= addSeconds(revokedAt, revocationUnseenSeconds);
  const why = whyPasskeyDoesNotStand(unseen ? confirmed : timesOf(passkey), signOff.recordedAt);
  if (why !== undefined) throw new Failure("passkey-invalid", `The passkey that signed ${why}.`);
  const { counter } = verifyAssertion(assertion, { credential: passkey.description, challenge }, trust.verifyJws);
  if (counter !== use.counter) throw mismatch("it is stored with another signature counter");
}

function mismatch(what: string): Failure {
  return new Failure("statement-mismatch", `What is recorded about a passkey is not what was signed: ${what}.`);
}
