import type { Member } from "../promotion/identity.ts";
import type { Promotion } from "../promotion/promotion.ts";
import { excludedPeople } from "./exclusions.ts";
import type { Person } from "./people.ts";
import { reachable } from "./reachability.ts";
import type { Requirements } from "./requirements.ts";

/**
 * Why nobody could meet what the evidence made the matrix ask for; `undefined` where somebody could. Asked once the
 * evidence was read: at submission only the least was known that can be asked (design 6.8). Where the evidence decided
 * nothing it was asked then, and who has left since may come back.
 */
export function whyOutOfReach(
  { manifest, startedBy }: Pick<Promotion, "manifest" | "startedBy">,
  { rule, roles, decided }: Requirements,
  { members, people }: { readonly members: readonly Member[]; readonly people: readonly Person[] },
): string | undefined {
  if (decided?.facts.evidence === undefined) return undefined;
  const { excluded } = excludedPeople({ manifest, startedBy, duties: rule.excludes, members, people });
  const quorum = reachable({ rule, roles, excluded, members, people });
  return quorum.kind === "unreachable"
    ? `The evidence asks for a quorum that nobody could reach. ${quorum.why}`
    : undefined;
}
