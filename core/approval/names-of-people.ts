import { type Author, identityKey, normalAddress } from "../promotion/identity.ts";
import type { Person } from "./people.ts";

/** Every name by which an entry of people.yaml knows its person. */
export function namesOf(person: Person): readonly string[] {
  return [
    ...person.addresses.map((address) => nameOf({ address })),
    ...person.accounts.map((account) => nameOf({ account })),
    ...person.identities.map((identity) => nameOf({ identity })),
  ];
}

/** What CI or a directory calls somebody, as one string that can be a map key. */
export function nameOf(author: Author): string {
  if ("address" in author) return `address ${normalAddress(author.address)}`;
  if ("account" in author) return `account ${author.account.provider} ${author.account.id}`;
  return `identity ${identityKey(author.identity)}`;
}
