import { givesRole, titleOf } from "../../../core/approval/entitlement.ts";
import { operatorRole } from "../../../core/approval/matrix.ts";
import { type ApprovalPolicy, everyGroup } from "../../../core/approval/promotion-approval.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import { intrudersOfNone, placeFound } from "../../../core/promotion/intruder-facts.ts";
import type { Recipient, Telling } from "../../telling/telling.ts";

export interface StrayPorts {
  readonly policy: Pick<ApprovalPolicy, "matrix">;
  readonly directory: { everybody(groups: readonly string[]): Promise<readonly Member[]> };
  readonly promotions: {
    /** Facts about no promotion whose ids begin so. */
    installationFacts(prefix: string): Promise<readonly Fact[]>;
  };
}

/** Something runs where nothing was ever approved: no rule names whom that concerns, so operators are told. */
export async function strayTelling(
  factId: unknown,
  { policy, directory, promotions }: StrayPorts,
): Promise<Telling | undefined> {
  if (typeof factId !== "string" || !factId.startsWith(intrudersOfNone)) return undefined;
  const facts = await promotions.installationFacts(factId);
  const fact = facts.find(({ id }) => id === factId);
  const place = fact === undefined ? undefined : placeFound(fact);
  if (fact === undefined || place === undefined) return undefined;
  const { roles } = policy.matrix;
  const role = { name: operatorRole, title: titleOf(roles, operatorRole) };
  const members = await directory.everybody(everyGroup(policy.matrix));
  return {
    purpose: "intruder",
    place: { target: place.target, endpoint: place.endpoint },
    facts,
    occasion: fact.id,
    at: fact.at,
    people: members
      .filter((member) => member.enabled && givesRole(roles, operatorRole, member))
      .map((member): Recipient => ({ member, roles: [role] })),
    rooms: { roles: [role] },
    reason: fact.summary,
  };
}
