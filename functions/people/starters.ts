import { excludedPeople } from "../../core/approval/exclusions.ts";
import type { Person } from "../../core/approval/people.ts";
import { identityKey, type Member } from "../../core/promotion/identity.ts";
import type { Promotion } from "../../core/promotion/promotion.ts";

/** Whoever started the CI run that asks for a promotion, as far as the directory knows them: they own it. */
export function startersOf(
  { manifest, startedBy }: Pick<Promotion, "manifest" | "startedBy">,
  members: readonly Member[],
  people: readonly Person[],
): readonly Member[] {
  const { excluded } = excludedPeople({ manifest, startedBy, duties: ["started-the-run"], members, people });
  return members.filter(({ identity, enabled }) => enabled && excluded.has(identityKey(identity)));
}
