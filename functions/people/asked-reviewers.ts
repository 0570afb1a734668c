import { type Absence, absentAt } from "../../core/approval/absence.ts";
import type { ApprovalInput } from "../../core/approval/approval-input.ts";
import { titleOf } from "../../core/approval/entitlement.ts";
import {
  type ApprovalPolicy,
  approvalInputOf,
  groupsOf,
  pinnedRequirements,
} from "../../core/approval/promotion-approval.ts";
import { whomToAsk } from "../../core/approval/whom-to-ask.ts";
import type { Instant } from "../../core/encoding/instant.ts";
import { type IdentityKey, identityKey, type Member } from "../../core/promotion/identity.ts";
import type { OpenStage, Promotion } from "../../core/promotion/promotion.ts";
import type { Recipient } from "../telling/telling.ts";
import { type CurrentDelegations, delegationsInReview } from "./delegations.ts";
import { type LendersKnown, type SignedPorts, signedAbout, withWhoSigned } from "./who-signed.ts";

export interface AskedReviewersPorts extends SignedPorts {
  readonly now: () => Instant;
  readonly policy: ApprovalPolicy;
  readonly directory: { everybody(groups: readonly string[]): Promise<readonly Member[]> };
  readonly delegations: CurrentDelegations;
  readonly absences: { list(): Promise<readonly Absence[]> };
}

/** What an open stage is judged by now, as `decide` does; `undefined` once the requirements changed, since then nobody is asked any more. */
export async function reviewInput(
  promotion: Promotion,
  ports: AskedReviewersPorts,
  lenders?: LendersKnown,
): Promise<ApprovalInput | undefined> {
  const requirements = pinnedRequirements(ports.policy, promotion);
  if (requirements === undefined) return undefined;
  const members = await ports.directory.everybody(groupsOf(requirements));
  const now = ports.now();
  const recorded = await ports.promotions.signOffs(promotion.id);
  const signOffs = recorded.map(({ signOff }) => signOff);
  const notOver = await ports.delegations.notOver(now);
  return approvalInputOf(promotion, requirements, {
    people: withWhoSigned(ports.policy.people, await signedAbout(promotion, recorded, ports, lenders)),
    members,
    signOffs,
    entitlement: "as-signed",
    delegations: await delegationsInReview(signOffs, notOver, ports.delegations),
    now,
  });
}

/**
 * Whom to write to about an open stage: nobody who is away, and their delegates instead.
 *
 * @param stillNeeded the roles whose seats are open; given, nobody else is written to, and nobody who has decided
 */
export async function askedReviewers(
  input: ApprovalInput,
  stage: OpenStage,
  ports: Pick<AskedReviewersPorts, "absences">,
  stillNeeded?: ReadonlySet<string>,
): Promise<readonly Recipient[]> {
  const absent = absentAt(await ports.absences.list(), input.now);
  const found = new Map<IdentityKey, Recipient & { readonly roles: { name: string; title: string }[] }>();
  for (const { role, member, inPlaceOf } of whomToAsk(
    { ...input, stage: stage.index, absent },
    { butThoseWhoDecided: stillNeeded !== undefined },
  )) {
    if (stillNeeded?.has(role) === false) continue;
    const key = identityKey(member.identity);
    const known = found.get(key) ?? { member, roles: [] };
    const title = titleOf(input.roles, role);
    known.roles.push({
      name: role,
      title: inPlaceOf === undefined ? title : `${title} (in the place of ${inPlaceOf.name})`,
    });
    found.set(key, known);
  }
  return [...found.values()];
}
