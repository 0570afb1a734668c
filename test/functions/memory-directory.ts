import type { Member } from "../../core/promotion/identity.ts";

/** A directory of these people: like the real one it answers everybody, each with those of the groups asked about. */
export function memoryDirectory(members: readonly Member[]) {
  return {
    everybody: async (groups: readonly string[]): Promise<readonly Member[]> =>
      members.map((member) => ({ ...member, groups: member.groups.filter((group) => groups.includes(group)) })),
  };
}
