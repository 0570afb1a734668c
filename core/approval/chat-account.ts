import { type ChatUser, type IdentityKey, identityKey, type Member, normalAddress } from "../promotion/identity.ts";
import type { Person } from "./people.ts";

/**
 * The entry of people.yaml that names a Slack account: with its workspace, or without for whoever belongs to the workspace
 * that the app is in.
 */
export function personInSlack({ id, workspace, in: here }: ChatUser, people: readonly Person[]): Person | undefined {
  const guest = workspace !== undefined && here !== undefined && workspace !== here;
  return people.find(({ slack }) => slack === `${workspace}/${id}` || (slack === id && !guest));
}

/** The accounts in the directory of an entry of people.yaml that still work, in the directory's order. */
export function membersOf({ addresses, identities }: Person, members: readonly Member[]): readonly Member[] {
  const keys: ReadonlySet<IdentityKey> = new Set(identities.map(identityKey));
  return members.filter(
    ({ enabled, identity, address }) =>
      enabled && (keys.has(identityKey(identity)) || (address !== "" && addresses.includes(normalAddress(address)))),
  );
}
