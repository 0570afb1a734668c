import type { FreezeManifest } from "../promotion/freeze-manifest.ts";
import type { Author, Identity, Member } from "../promotion/identity.ts";
import { personOf } from "./entitlement.ts";
import { entriesAbout } from "./entries-about.ts";
import type { Person } from "./people.ts";

/**
 * What the directory and people.yaml told at one moment about those who signed and those who made the candidate: as
 * much as judging separation of duties and entitlement again needs, and no names. `people.json` of a verdict.
 */
export interface PeopleSnapshot {
  readonly peopleVersion: 1;
  /** Random: an archive without personal data keeps the digest, by which nobody shall confirm a guess. 16 bytes, in hex. */
  readonly salt: string;
  readonly members: readonly Omit<Member, "name">[];
  readonly people: readonly Omit<Person, "name" | "slack">[];
}

/** Chooses from the directory every account of those who signed, and from people.yaml every entry about them or the authors. */
export function peopleSnapshot({
  signers,
  authors,
  members,
  people,
  salt,
}: {
  readonly signers: readonly Identity[];
  readonly authors: readonly Author[];
  readonly members: readonly Member[];
  readonly people: readonly Person[];
  readonly salt: string;
}): PeopleSnapshot {
  const keyOf = personOf(members, people);
  const persons = new Set(signers.map(keyOf));
  const own = members.filter(({ identity }) => persons.has(keyOf(identity)));
  return {
    peopleVersion: 1,
    salt,
    members: own.map(({ name: _, ...member }) => member),
    people: entriesKept(people, { members: own, signers, authors }),
  };
}

/** Of people.yaml what a verdict keeps: the entries about those who signed, whatever accounts they have, and about the authors. */
export function entriesKept(
  people: readonly Person[],
  {
    members,
    signers,
    authors,
  }: {
    readonly members: readonly Pick<Member, "identity" | "address">[];
    readonly signers: readonly Identity[];
    readonly authors: readonly Author[];
  },
): PeopleSnapshot["people"] {
  const signed = signers.map((identity) => ({ identity }));
  return entriesAbout(people, { members, authors: [...authors, ...signed] }).map(entryKept);
}

/** An entry without what only people ask for. */
export function entryKept({ name: _name, slack: _slack, ...person }: Person): PeopleSnapshot["people"][number] {
  return person;
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
