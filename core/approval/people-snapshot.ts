import type { FreezeManifest } from "../promotion/freeze-manifest.ts";
import { type Author, type Identity, identityKey, type Member, normalAddress } from "../promotion/identity.ts";
import { personOf } from "./entitlement.ts";
import type { Account, Person } from "./people.ts";

/**
 * What the directory and people.yaml told at one moment about those who signed and those who made the candidate: as
 * much as judging separation of duties and entitlement again needs, and no names. `people.json` of a verdict.
 */
export interface PeopleSnapshot {
  readonly peopleVersion: 1;
  readonly members: readonly Omit<Member, "name">[];
  readonly people: readonly Omit<Person, "name" | "slack">[];
}

/** The name under which a verdict keeps it. */
export const peopleSnapshotName = "people.json";

/** Chooses from the directory every account of those who signed, and from people.yaml every entry about them or the authors. */
export function peopleSnapshot({
  signers,
  authors,
  members,
  people,
}: {
  readonly signers: readonly Identity[];
  readonly authors: readonly Author[];
  readonly members: readonly Member[];
  readonly people: readonly Person[];
}): PeopleSnapshot {
  const keyOf = personOf(members, people);
  const persons = new Set(signers.map(keyOf));
  const own = members.filter(({ identity }) => persons.has(keyOf(identity)));
  const addresses = new Set([
    ...own.map(({ address }) => normalAddress(address)),
    ...authors.flatMap((author) => ("address" in author ? [normalAddress(author.address)] : [])),
  ]);
  const identities = new Set([
    ...signers.map(identityKey),
    ...own.map(({ identity }) => identityKey(identity)),
    ...authors.flatMap((author) => ("identity" in author ? [identityKey(author.identity)] : [])),
  ]);
  const accounts = new Set(authors.flatMap((author) => ("account" in author ? [nameOf(author.account)] : [])));
  const isAbout = (person: Person) =>
    person.addresses.some((address) => addresses.has(address)) ||
    person.identities.some((identity) => identities.has(identityKey(identity))) ||
    person.accounts.some((account) => accounts.has(nameOf(account)));
  return {
    peopleVersion: 1,
    members: own.map(({ name: _, ...member }) => member),
    people: people.filter(isAbout).map(({ name: _name, slack: _slack, ...person }) => person),
  };
}

/** Everybody who had a hand in a candidate. */
export function authorsOf(
  { requester, lineage }: Pick<FreezeManifest, "requester" | "lineage">,
  startedBy: Author | undefined,
): readonly Author[] {
  const { trainedBy, codeAuthors, dataOwners, infrastructureAuthors } = lineage;
  return [
    { identity: requester },
    ...trainedBy,
    ...codeAuthors,
    ...dataOwners,
    ...infrastructureAuthors,
    ...(startedBy === undefined ? [] : [startedBy]),
  ];
}

function nameOf({ provider, id }: Account): string {
  return `${provider} ${id}`;
}
