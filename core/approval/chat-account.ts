import { type IdentityKey, identityKey, type Member, normalAddress } from "../promotion/identity.ts";
import type { Person } from "./people.ts";

/** The entry of people.yaml that names a Slack account. */
export function personInSlack(user: string, people: readonly Person[]): Person | undefined {
  return people.find(({ slack }) => slack === user);
}

/** The accounts in the directory of an entry of people.yaml that still work, in the directory's order. */
export function membersOf({ addresses, identities }: Person, members: readonly Member[]): readonly Member[] {
  const keys: ReadonlySet<IdentityKey> = new Set(identities.map(identityKey));
  return members.filter(
    ({ enabled, identity, address }) =>
      enabled && (keys.has(identityKey(identity)) || (address !== "" && addresses.includes(normalAddress(address)))),
  );
}
