import type { Matrix } from "../../core/approval/matrix.ts";
import type { Person } from "../../core/approval/people.ts";
import { everyGroup } from "../../core/approval/promotion-approval.ts";
import type { ReviewerClaims } from "../../core/attestation/id-token.ts";
import type { Instant } from "../../core/encoding/instant.ts";
import { Failure } from "../../core/failure.ts";
import { identityKey, type Member } from "../../core/promotion/identity.ts";
import type { Promotion } from "../../core/promotion/promotion.ts";
import { type CurrentDelegations, standsInFor } from "../people/delegations.ts";
import { makersOf } from "../people/makers.ts";
import { holdsRole, maySee, noRole } from "./readers.ts";

export interface SeenPorts {
  readonly policy: { readonly matrix: Matrix; readonly people: readonly Person[] };
  readonly delegations: CurrentDelegations;
  readonly directory: { everybody(groups: readonly string[]): Promise<readonly Member[]> };
}

/**
 * The promotion, for whoever signs something about it, where they may see it or had a hand in it. Throws `forbidden` or
 * `not-found` for all others, in the same words whether or not there is one and however it stands.
 */
export async function seenPromotion(
  promotion: Promotion | undefined,
  signer: ReviewerClaims,
  at: Instant,
  { policy, delegations, directory }: SeenPorts,
): Promise<Promotion> {
  const { matrix, people } = policy;
  const groups = everyGroup(matrix);
  if (!holdsRole(signer, { groups })) {
    // Asked of one that is not there as well: the time that an answer takes tells nothing either.
    const members = await directory.everybody(groups);
    if (promotion !== undefined && makersOf(promotion, members, people).has(identityKey(signer.identity)))
      return promotion;
    const standsIn = await standsInFor(signer.identity, await delegations.notOver(at), at, {
      roles: matrix.roles,
      directory,
    });
    if (standsIn.length === 0) throw noRole();
    if (promotion !== undefined && maySee({ kind: "person", person: signer, standsIn }, promotion)) return promotion;
    throw notThere();
  }
  if (promotion === undefined) throw notThere();
  return promotion;
}

function notThere(): Failure {
  return new Failure("not-found", "There is no such promotion.");
}
