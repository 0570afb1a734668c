import type { FreezeManifest } from "../promotion/freeze-manifest.ts";
import { type Author, type IdentityKey, identityKey, type Member, normalAddress } from "../promotion/identity.ts";
import { linksOf, type PersonKey } from "./entitlement.ts";
import type { Duty } from "./matrix.ts";
import { nameOf, namesOf } from "./names-of-people.ts";
import type { Person } from "./people.ts";

/** Who may not approve, and which authors could not be told apart from those who may. */
export interface Exclusions {
  /** Why, in words that follow the person's name: `trained the model`. */
  readonly excluded: ReadonlyMap<IdentityKey, string>;
  /** Authors who might be anybody; while there is one, a submission is blocked. */
  readonly unlinkable: readonly Author[];
}

/** What somebody did, in words that follow their name. */
export const dutyWords: Readonly<Record<Duty, string>> = {
  requester: "requested the promotion",
  "started-the-run": "started the CI run",
  "trained-the-model": "trained the model",
  "wrote-the-code": "wrote the training code",
  "owns-the-data": "owns the training data",
  "wrote-the-infrastructure": "wrote the infrastructure",
};

/**
 * Links the candidate's authors to the people of the directory by address, account or identity, through people.yaml
 * where it knows them, and excludes every identity of theirs.
 *
 * An author is unlinkable if this reaches nobody in the directory and people.yaml does not list them as outside:
 * an account that nobody knows may be a reviewer's, and so may an unknown address.
 *
 * @param members the whole directory, disabled people included, not only those who hold a role
 */
export function excludedPeople(input: ExclusionsInput): Exclusions {
  const known = latest.find((each) => isSameQuestion(each.input, input));
  if (known !== undefined) return known.exclusions;
  const exclusions = newExclusions(input);
  latest = [{ input, exclusions }, ...latest.slice(0, 1)];
  return exclusions;
}

interface ExclusionsInput {
  readonly manifest: Pick<FreezeManifest, "requester" | "lineage">;
  readonly startedBy: Author | undefined;
  readonly duties: readonly Duty[];
  readonly members: readonly Member[];
  readonly people: readonly Person[];
}

// Whoever judges a promotion asks several times about the same candidate and the same people: as tokens name them, and
// as the directory does.
let latest: readonly { readonly input: ExclusionsInput; readonly exclusions: Exclusions }[] = [];

function isSameQuestion(one: ExclusionsInput, other: ExclusionsInput): boolean {
  return (
    one.manifest === other.manifest &&
    one.startedBy === other.startedBy &&
    one.duties === other.duties &&
    one.members === other.members &&
    one.people === other.people
  );
}

function newExclusions(input: ExclusionsInput): Exclusions {
  const reasons = new Map<IdentityKey, string[]>();
  const unlinkable = new Map<string, Author>();
  const identitiesOf = linker(input.members, input.people);
  for (const duty of input.duties) {
    for (const author of authorsWith(duty, input)) {
      const { identities, outside } = identitiesOf(author);
      const known = new Set(identities);
      // The very identity is excluded even where the directory does not list it; a pipeline never signs in.
      if ("identity" in author && duty !== "requester") known.add(identityKey(author.identity));
      for (const key of known) {
        const words = reasons.get(key) ?? [];
        if (!words.includes(dutyWords[duty])) reasons.set(key, [...words, dutyWords[duty]]);
      }
      // The requester is a verified pipeline: a machine that need not be anybody.
      if (identities.length === 0 && !outside && duty !== "requester") unlinkable.set(nameOf(author), author);
    }
  }
  return {
    excluded: new Map([...reasons].map(([key, words]) => [key, sentencePart(words)])),
    unlinkable: [...unlinkable.values()],
  };
}

/**
 * Authors by accounts with a code host that no entry of people.yaml has: whoever is in the directory, they match nobody in
 * it, since it knows people by addresses and identities alone.
 */
export function strangersAmong({
  manifest,
  startedBy,
  duties,
  people,
}: Omit<ExclusionsInput, "members">): readonly Author[] {
  const known = accountsIn(people);
  return duties
    .flatMap((duty) => authorsWith(duty, { manifest, startedBy }))
    .filter((author) => "account" in author && !known.has(nameOf(author)));
}

// The same for every promotion that the same people are asked about.
const accounts = new WeakMap<readonly Person[], ReadonlySet<string>>();

function accountsIn(people: readonly Person[]): ReadonlySet<string> {
  const known =
    accounts.get(people) ?? new Set(people.flatMap((person) => person.accounts.map((account) => nameOf({ account }))));
  accounts.set(people, known);
  return known;
}

/** A sentence for whoever submitted: what blocks, and how to add the person. */
export function unlinkableSentence(author: Author): string {
  return (
    `${describeAuthor(author)} had a hand in the candidate, but matches nobody in the directory, ` +
    "so separation of duties cannot be checked: add an entry to people.yaml that links it to the person's address, " +
    "or one with 'outside: true' if it is nobody in the directory."
  );
}

/** An author in words. Of an address only enough to find it again: sentences end up in logs and in the ledger. */
function describeAuthor(author: Author): string {
  if ("address" in author) return `The address ${normalAddress(author.address).replace(/^(.).*(?=@)/u, "$1…")}`;
  if ("account" in author) return `The ${author.account.provider} account ${author.account.id}`;
  return `The identity ${author.identity.subject} of ${author.identity.issuer}`;
}

function authorsWith(
  duty: Duty,
  { manifest, startedBy }: { manifest: Pick<FreezeManifest, "requester" | "lineage">; startedBy: Author | undefined },
): readonly Author[] {
  switch (duty) {
    case "requester":
      return [{ identity: manifest.requester }];
    case "started-the-run":
      return startedBy === undefined ? [] : [startedBy];
    case "trained-the-model":
      return manifest.lineage.trainedBy;
    case "wrote-the-code":
      return manifest.lineage.codeAuthors;
    case "owns-the-data":
      return manifest.lineage.dataOwners;
    case "wrote-the-infrastructure":
      return manifest.lineage.infrastructureAuthors;
    default:
      return duty satisfies never;
  }
}

interface Link {
  /** Everybody in the directory whom the author may be. */
  readonly identities: readonly IdentityKey[];
  readonly outside: boolean;
}

type Linker = (author: Author) => Link;

// Whoever judges a promotion asks several times about the same people.
const linkers = new WeakMap<readonly Member[], { readonly people: readonly Person[]; readonly link: Linker }>();

function linker(members: readonly Member[], people: readonly Person[]): Linker {
  const known = linkers.get(members);
  if (known?.people === people) return known.link;
  const link = newLinker(members, people);
  linkers.set(members, { people, link });
  return link;
}

function newLinker(members: readonly Member[], people: readonly Person[]): Linker {
  const { keyOf, addressed, entered } = linksOf(members, people);
  const identities = new Map<PersonKey, IdentityKey[]>();
  for (const { identity } of members) {
    identities.set(keyOf(identity), [...(identities.get(keyOf(identity)) ?? []), identityKey(identity)]);
  }
  // Several may be about one name: what somebody signed says by which address their account was known.
  const entries = new Map<string, number[]>();
  for (const [place, person] of people.entries())
    for (const name of namesOf(person)) entries.set(name, [...(entries.get(name) ?? []), place]);

  return (author) => {
    const places = entries.get(nameOf(author)) ?? [];
    const address = "address" in author ? normalAddress(author.address) : "";
    const persons = new Set([
      ...places.map(entered),
      ...(address === "" ? [] : [addressed(address)]),
      ...("identity" in author ? [keyOf(author.identity)] : []),
    ]);
    return {
      identities: [...persons].flatMap((person) => identities.get(person) ?? []),
      outside: places.some((place) => people[place]?.outside === true),
    };
  };
}

function sentencePart(words: readonly string[]): string {
  const last = words.at(-1) ?? "";
  return words.length < 2 ? last : `${words.slice(0, -1).join(", ")} and ${last}`;
}
