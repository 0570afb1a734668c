import type { ApprovalInput } from "../../../core/approval/approval-input.ts";
import { givesRole, rolesOfRule } from "../../../core/approval/entitlement.ts";
import { by } from "../../../core/encoding/text-order.ts";
import { type Identity, identityKey } from "../../../core/promotion/identity.ts";

/** Somebody who holds a role of the review and may not approve. */
export interface BarredPerson {
  readonly identity: Identity;
  readonly name: string;
  /** What they did, in words that follow their name: `trained the model`. */
  readonly hand: string;
}

/**
 * Whom separation of duties keeps from approving, by name. The explanation names them as long as their stage waits for
 * somebody, and no longer.
 */
export function barredPeople({
  rule,
  roles,
  members,
  excluded,
}: Pick<ApprovalInput, "rule" | "roles" | "members" | "excluded">): readonly BarredPerson[] {
  const asked = rolesOfRule(rule);
  return members
    .flatMap((member): readonly BarredPerson[] => {
      const hand = excluded.get(identityKey(member.identity));
      if (hand === undefined || !asked.some((role) => givesRole(roles, role, member))) return [];
      return [{ identity: member.identity, name: member.name, hand }];
    })
    .toSorted(by(({ name }) => name));
}
