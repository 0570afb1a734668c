import type { Dismissal, Explanation } from "../../../core/approval/explanation.ts";
import { identityKey } from "../../../core/promotion/identity.ts";

/**
 * Those who hold a role below this part of the explanation and had a hand in the candidate: they can never approve
 * it. Each once, whatever number of stages says so. The explanation tells them apart by its words alone.
 */
export function barredIn(part: Explanation): readonly Dismissal[] {
  const all = [...(part.dismissed ?? []).filter(({ why }) => why.endsWith(ending)), ...part.children.flatMap(barredIn)];
  return [...new Map(all.map((each) => [identityKey(each.person.identity), each])).values()];
}

/** What such a person did, without what follows from it: `trained the model`. */
export function handOf({ why }: Dismissal): string {
  return why.slice(0, -ending.length);
}

const ending = ", and so cannot approve it";
