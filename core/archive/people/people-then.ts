import type { Delegation } from "../../approval/delegation.ts";
import type { Entitlement } from "../../approval/entitlement.ts";
import type { Person } from "../../approval/people.ts";
import type { PeopleSnapshot } from "../../approval/people-snapshot.ts";
import type { Instant } from "../../encoding/instant.ts";
import type { Sha256 } from "../../encoding/sha256.ts";
import { by } from "../../encoding/text-order.ts";
import { identityKey, type Member, normalAddress } from "../../promotion/identity.ts";
import type { HeldDelegation } from "./held-delegation.ts";

// Rules keep what they work out about people by the very list that they are asked about, and the same people sign one
// promotion after the other: so the same people are always the same list.

/** Who people were at a decision, as far as it is known. */
export interface PeopleThen {
  readonly members: readonly Member[];
  /** As their sign-ins alone tell of them. */
  readonly objectors: readonly Member[];
  readonly people: readonly Person[];
  readonly entitlement: Entitlement;
  readonly delegations: readonly Delegation[];
}

/** Somebody as the token of what they signed tells of them, and when they did. */
type Signed = { readonly member: Member } & (
  | { readonly signOff: { readonly recordedAt: Instant; readonly onBehalfOf?: { readonly delegation: Sha256 } } }
  | { readonly signature: { readonly recordedAt: Instant } }
);

/**
 * What the ID tokens alone tell of whoever signed, and of those in whose place they did; of one identity the latest counts.
 * Delegations by which nothing was signed here say nothing: an address may be another's by now.
 *
 * @param delegations all that there are
 */
export function peopleAsSigned(
  signed: readonly Signed[],
  delegations: ReadonlyMap<Sha256, HeldDelegation>,
): PeopleThen {
  const used = new Set(
    signed.flatMap((each) => ("signOff" in each ? (each.signOff.onBehalfOf?.delegation ?? []) : [])),
  );
  const places = [...used]
    .flatMap((id) => delegations.get(id) ?? [])
    .toSorted(by(({ delegation }) => delegation.recordedAt));
  const inTurn = signed.toSorted(by(timeOf));
  const named = [...places.map(({ delegator }) => delegator), ...inTurn.map(({ member }) => member)];
  const members = [...new Map(named.map((member) => [identityKey(member.identity), member])).values()];
  const key = JSON.stringify([members, places.map(({ delegation }) => delegation.id)]);
  const known = committees.get(key);
  if (known?.delegations === delegations) return known.people;
  const people: PeopleThen = {
    members,
    objectors: members,
    people: [],
    entitlement: "as-signed",
    delegations: places.map(({ delegation }) => delegation),
  };
  if (committees.size >= mostCommittees) committees.clear();
  committees.set(key, { delegations, people });
  return people;
}

function timeOf(signed: Signed): Instant {
  return "signOff" in signed ? signed.signOff.recordedAt : signed.signature.recordedAt;
}

const committees = new Map<
  string,
  { readonly delegations: ReadonlyMap<Sha256, HeldDelegation>; readonly people: PeopleThen }
>();
const mostCommittees = 64;

/**
 * Who signed as their tokens tell, and besides by which addresses the directory knew them by the next verdict: it may have known two
 * accounts as one person's before. The same where it knows none of them by another.
 */
export function alsoKnownBy(snapshot: PeopleSnapshot, own: PeopleThen): PeopleThen {
  const before = known.find((each) => each.snapshot === snapshot && each.own === own);
  if (before !== undefined) return before.people;
  const addresses = new Map(
    own.members.map(({ identity, address }) => [identityKey(identity), normalAddress(address)]),
  );
  const others = snapshot.members.filter(({ identity, address }) => {
    const told = addresses.get(identityKey(identity));
    return told !== undefined && told !== normalAddress(address);
  });
  // Of one identity the last counts: as it signed.
  const also = others.map((member) => ({ ...member, name: "" }));
  const people = others.length === 0 ? own : { ...own, members: [...also, ...own.members] };
  if (known.length >= mostKnown) known.length = 0;
  known.push({ snapshot, own, people });
  return people;
}

const known: { readonly snapshot: PeopleSnapshot; readonly own: PeopleThen; readonly people: PeopleThen }[] = [];
const mostKnown = 8;

/**
 * What was kept of the directory and people.yaml, and besides by which addresses tokens know whoever signed: the directory
 * may know one person by others, and neither may hide who is whom. Whoever is in tokens alone is nobody in the directory.
 */
export function directoryThen(snapshot: PeopleSnapshot, own: PeopleThen): PeopleThen {
  if (latest?.snapshot === snapshot && latest.own === own) return latest.people;
  const people: PeopleThen = {
    // Of one identity the last counts: as the directory has it.
    members: [
      ...own.members.map((member) => ({ ...member, groups: [], enabled: false })),
      ...snapshot.members.map((member) => ({ ...member, name: "" })),
    ],
    objectors: own.objectors,
    people: snapshot.people.map((person) => ({ ...person, name: "" })),
    entitlement: "as-of-now",
    delegations: own.delegations,
  };
  latest = { snapshot, own, people };
  return people;
}

// Directories change less often than promotions are verified.
let latest: { readonly snapshot: PeopleSnapshot; readonly own: PeopleThen; readonly people: PeopleThen } | undefined;

/** The same people, linked by these entries. */
export function linkedBy(base: PeopleThen, entries: readonly Person[]): PeopleThen {
  if (entries.length === 0 && base.people.length === 0) return base;
  const known = linked.get(base) ?? new Map<readonly Person[], PeopleThen>();
  const people = known.get(entries) ?? { ...base, members: [...base.members], people: entries };
  if (linked.size >= mostCommittees) linked.clear();
  if (known.size >= mostCommittees) known.clear();
  linked.set(base, known.set(entries, people));
  return people;
}

const linked = new Map<PeopleThen, Map<readonly Person[], PeopleThen>>();
