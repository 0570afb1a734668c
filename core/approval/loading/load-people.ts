import {
  complain,
  fieldsOf,
  itemsOf,
  type Loaded,
  lineOf,
  type Place,
  type Reading,
  readPolicyFile,
  textOf,
} from "../../encoding/policy-file.ts";
import { identityKey, normalAddress } from "../../promotion/identity.ts";
import type { Account, Person } from "../people.ts";

/**
 * Reads people.yaml. One person under two entries, or one address, account or identity under two people, is
 * refused with the line (design 6.13): an exclusion that reaches the wrong person is none.
 */
export function loadPeople(text: string, reading: Reading = "new"): Loaded<readonly Person[]> {
  return readPolicyFile(text, reading, (root) => {
    const fields = fieldsOf(root, ["peopleVersion", "people"]);
    if (fields.peopleVersion !== undefined && fields.peopleVersion.value !== 1)
      complain(fields.peopleVersion, "This program reads version 1.");
    // An organisation that needs no links has an empty list.
    if (Array.isArray(fields.people?.value) && fields.people.value.length === 0) return [];
    const places = itemsOf(fields.people);
    const people = places.map(personOf);
    refuseShared(places, people);
    return people;
  });
}

function personOf(place: Place): Person {
  const fields = fieldsOf(place, ["name"], ["address", "otherAddresses", "accounts", "identities", "outside"]);
  const others = fields.otherAddresses === undefined ? [] : itemsOf(fields.otherAddresses);
  const addresses = [...(fields.address === undefined ? [] : [fields.address]), ...others].map(addressOf);
  const { accounts, slack } = fields.accounts === undefined ? { accounts: [] } : accountsOf(fields.accounts);
  const identities = fields.identities === undefined ? [] : itemsOf(fields.identities).map(identityOf);
  if (addresses.length + accounts.length + identities.length === 0)
    complain(place, "The entry names no address, account or identity, so it links nothing.");
  else if (slack !== undefined && addresses.length + identities.length === 0)
    complain(
      place,
      "A Slack account needs an address or an identity beside it, or it leads to nobody in the directory.",
    );
  return {
    name: textOf(fields.name, 120),
    addresses,
    accounts,
    identities,
    outside: flagOf(fields.outside),
    ...(slack === undefined ? {} : { slack }),
  };
}

function addressOf(place: Place): string {
  const address = normalAddress(textOf(place, 320));
  if (address !== "" && !/^[^\s@]+@[^\s@]+$/u.test(address)) complain(place, "This must be an email address.");
  return address;
}

function accountsOf(place: Place): Pick<Person, "accounts" | "slack"> {
  const fields = fieldsOf(place, [], ["github", "gitlab", "slack"]);
  const accounts = (["github", "gitlab"] as const).flatMap((provider): readonly Account[] => {
    const field = fields[provider];
    if (field === undefined) return [];
    const { value } = field;
    const id = typeof value === "number" && Number.isSafeInteger(value) ? String(value) : value;
    if (typeof id === "string" && /^[1-9][0-9]{0,19}$/.test(id)) return [{ provider, id }];
    complain(
      field,
      "This must be the account's numeric id, not its login name, which can be given up and taken by another.",
    );
    return [];
  });
  const slack = fields.slack === undefined ? undefined : slackUserOf(fields.slack);
  return { accounts, ...(slack === undefined ? {} : { slack }) };
}

// https://docs.slack.dev/reference/objects/user-object: ids begin with U, or with W in an Enterprise organization; a
// workspace's with T.
function slackUserOf(place: Place): string | undefined {
  const { value } = place;
  if (typeof value === "string" && /^(T[A-Z0-9]{2,20}\/)?[UW][A-Z0-9]{2,20}$/.test(value)) return value;
  complain(
    place,
    "This must be the account's member id in Slack, such as U024BE7LH or with its workspace T024BE7LG/U024BE7LH, not its display name.",
  );
  return undefined;
}

function identityOf(place: Place) {
  const fields = fieldsOf(place, ["issuer", "subject"]);
  return { issuer: textOf(fields.issuer, 320), subject: textOf(fields.subject, 320) };
}

function flagOf(place: Place | undefined): boolean {
  if (place === undefined) return false;
  if (typeof place.value !== "boolean") complain(place, "This must be true or false.");
  return place.value === true;
}

function refuseShared(places: readonly Place[], people: readonly Person[]): void {
  const owners = new Map<string, { readonly entry: number; readonly line: number }>();
  for (const [entry, person] of people.entries()) {
    const place = places[entry];
    if (place === undefined) continue;
    for (const [key, words] of namesOf(person)) {
      const owner = owners.get(key);
      if (owner === undefined) owners.set(key, { entry, line: lineOf(place) });
      else if (owner.entry === entry) complain(place, `The ${words} stands here twice.`);
      else complain(place, `The ${words} already belongs to the entry on line ${owner.line}: one person, one entry.`);
    }
  }
}

function namesOf(person: Person): readonly (readonly [string, string])[] {
  return [
    ...person.addresses.filter((address) => address !== "").map((address) => [address, `address ${address}`] as const),
    ...person.accounts.map(({ provider, id }) => [`${provider} ${id}`, `${provider} account ${id}`] as const),
    ...(person.slack === undefined
      ? []
      : [[`slack ${memberIn(person.slack)}`, `Slack account ${person.slack}`] as const]),
    ...person.identities.map(
      (identity) => [identityKey(identity), `identity ${identity.subject} of ${identity.issuer}`] as const,
    ),
  ];
}

/** One that stands with its workspace and one that stands without may be the same. */
function memberIn(slack: string): string {
  return slack.slice(slack.indexOf("/") + 1);
}
