import { excludedPeople } from "../../core/approval/exclusions.ts";
import { allDuties } from "../../core/approval/loading/load-matrix.ts";
import type { Person } from "../../core/approval/people.ts";
import type { IdentityKey, Member } from "../../core/promotion/identity.ts";
import type { Promotion } from "../../core/promotion/promotion.ts";

/**
 * Everybody who had a hand in a candidate, whether or not the rule keeps them from approving it: they are who is asked about
 * it. `members`: the whole directory.
 */
export function makersOf(
  { manifest, startedBy }: Pick<Promotion, "manifest" | "startedBy">,
  members: readonly Member[],
  people: readonly Person[],
): { has(identity: IdentityKey): boolean } {
  return excludedPeople({ manifest, startedBy, duties: allDuties, members, people }).excluded;
}
