import type { Delegation } from "../approval/delegation.ts";
import type { Entitlement } from "../approval/entitlement.ts";
import type { Person } from "../approval/people.ts";
import type { PeopleSnapshot } from "../approval/people-snapshot.ts";
import type { Sha256 } from "../encoding/sha256.ts";
import { identityKey, type Member } from "../promotion/identity.ts";
import type { HeldDelegation } from "./held-delegation.ts";

// Rules keep what they work out about people by the very list that they are asked about, and the same people sign one
// promotion after the other: so the same people are always the same list.

/** Who people were at a decision, as far as it is known. */
export interface PeopleThen {
  readonly members: readonly Member[];
  readonly people: readonly Person[];
  readonly entitlement: Entitlement;
  readonly delegations: readonly Delegation[];
}

/** What the ID tokens alone tell of whoever signed, and of those in whose place they did. */
export function peopleAsSigned(
  signed: readonly { readonly member: Member }[],
  delegations: ReadonlyMap<Sha256, HeldDelegation>,
): PeopleThen {
  const places = [...delegations.values()];
  const named = [...places.map(({ delegator }) => delegator), ...signed.map(({ member }) => member)];
  const members = [...new Map(named.map((member) => [identityKey(member.identity), member])).values()];
  const key = JSON.stringify(members);
  const known = committees.get(key);
  if (known?.delegations === delegations) return known.people;
  const people: PeopleThen = {
    members,
    people: [],
    entitlement: "as-signed",
    delegations: places.map(({ delegation }) => delegation),
  };
  if (committees.size >= mostCommittees) committees.clear();
  committees.set(key, { delegations, people });
  return people;
}

const committees = new Map<
  string,
  { readonly delegations: ReadonlyMap<Sha256, HeldDelegation>; readonly people: PeopleThen }
>();
const mostCommittees = 64;

/** What was kept of the directory and people.yaml. */
export function peopleThen(snapshot: PeopleSnapshot, delegations: readonly Delegation[]): PeopleThen {
  const known = latestThen?.snapshot === snapshot && latestThen.people.delegations === delegations;
  if (latestThen !== undefined && known) return latestThen.people;
  const people: PeopleThen = {
    members: snapshot.members.map((member) => ({ ...member, name: "" })),
    people: snapshot.people.map((person) => ({ ...person, name: "" })),
    entitlement: "as-of-now",
    delegations,
  };
  latestThen = { snapshot, people };
  return people;
}

// Directories change less often than promotions are verified.
let latestThen: { readonly snapshot: PeopleSnapshot; readonly people: PeopleThen } | undefined;

/** Everybody of the one and of the other, who are linked as the one says. */
export function bothOf(one: PeopleThen, other: PeopleThen): PeopleThen {
  if (latestBoth?.one === one && latestBoth.other === other) return latestBoth.people;
  const people = { ...one, members: [...one.members, ...other.members] };
  latestBoth = { one, other, people };
  return people;
}

let latestBoth: { readonly one: PeopleThen; readonly other: PeopleThen; readonly people: PeopleThen } | undefined;
