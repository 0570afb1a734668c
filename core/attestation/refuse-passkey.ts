import { byIdentity, givesRole, personOf } from "../approval/entitlement.ts";
import type { Matrix } from "../approval/matrix.ts";
import type { Person } from "../approval/people.ts";
import { canonicalJson } from "../encoding/canonical-json.ts";
import { Failure } from "../failure.ts";
import { type Identity, identityKey, type Member, sameIdentity } from "../promotion/identity.ts";
import { addressIn } from "./id-token.ts";
import type { PasskeyDescription, PasskeyPredicate } from "./passkey-statement.ts";
import type { Passkey, RecordedPasskeyDeed } from "./recorded-passkey.ts";
import { requireHands } from "./verify-passkey.ts";

/** What decides whether somebody may do something about a passkey. */
export interface PasskeyRules {
  readonly roles: Matrix["roles"];
  readonly people: readonly Person[];
  /** The directory as it is now. */
  readonly members: readonly Member[];
  /** The portal that passkeys are made for. */
  readonly portal: Pick<PasskeyDescription, "rpId" | "origin">;
}

/**
 * Throws unless a deed may be done now: by the owner, or by a second person who holds a role of the matrix, both by the
 * login and in the directory. `not-entitled`, `not-found`, `conflict` or `statement-mismatch`, each with its reason.
 */
export function requirePasskeyDeed(
  predicate: Pick<PasskeyPredicate, "deed" | "passkey" | "person">,
  signer: { readonly identity: Identity; readonly groups: readonly string[]; readonly idToken: string },
  known: Passkey | undefined,
  rules: PasskeyRules,
): void {
  requireHands(predicate);
  requireRole(signer, rules);
  const { deed, passkey } = predicate;
  switch (deed) {
    case "enrol":
      if (passkey.rpId !== rules.portal.rpId || passkey.origin !== rules.portal.origin)
        throw new Failure("statement-mismatch", "The passkey was made for another page than this portal.");
      if (known !== undefined) throw new Failure("conflict", "This passkey was enrolled before.");
      return;
    case "confirm":
      requireKnown(passkey, known);
      if (known.revoked !== undefined) throw new Failure("conflict", "This passkey was revoked.");
      if (known.confirmed !== undefined) throw new Failure("conflict", "This passkey was confirmed before.");
      if (confirmedByOwner(known, { person: signer.identity, idToken: signer.idToken }, rules)) {
        throw new Failure(
          "not-entitled",
          "This is the owner under another identity: a second person confirms a passkey.",
        );
      }
      return;
    case "revoke":
      requireKnown(passkey, known);
      if (known.revoked !== undefined) throw new Failure("conflict", "This passkey was revoked before.");
      return;
    default:
      deed satisfies never;
  }
}

function requireKnown(passkey: PasskeyDescription, known: Passkey | undefined): asserts known is Passkey {
  if (known === undefined) throw new Failure("not-found", "There is no such passkey.");
  if (canonicalJson(known.description) !== canonicalJson(passkey))
    throw new Failure("statement-mismatch", "The statement describes the passkey otherwise than it was enrolled.");
}

function requireRole(
  signer: { readonly identity: Identity; readonly groups: readonly string[] },
  { roles, members }: PasskeyRules,
): void {
  const holds = (holder: Parameters<typeof givesRole>[2]) =>
    Object.keys(roles).some((role) => givesRole(roles, role, holder));
  const member = byIdentity(members).get(identityKey(signer.identity));
  if (holds(signer) && member?.enabled === true && holds(member)) return;
  throw new Failure("not-entitled", "Only somebody who holds a role of the approval matrix may do this.");
}

/**
 * Whether whoever confirms a passkey is its owner under another identity, as far as the directory and people.yaml know, and
 * the addresses that the sign-ins have by which it was enrolled and is confirmed.
 */
export function confirmedByOwner(
  { enrolled, description }: Pick<Passkey, "enrolled" | "description">,
  confirmed: Deed,
  { members, people }: Pick<PasskeyRules, "members" | "people">,
): boolean {
  const { person } = confirmed;
  const keyOf = personOf([...[enrolled, confirmed].map(memberOf), ...members], people);
  return sameIdentity(person, description.owner) || keyOf(person) === keyOf(description.owner);
}

/** What was done, without an ID token where that was left out. */
type Deed = Pick<RecordedPasskeyDeed, "person" | "idToken">;

function memberOf({ person, idToken }: Deed): Member {
  return { identity: person, name: "", address: addressIn(idToken), groups: [], enabled: false };
}
