import { rolesOfRule } from "../approval/entitlement.ts";
import type { Matrix } from "../approval/matrix.ts";
import { mostSeats } from "../approval/seats.ts";
import type { Member } from "../promotion/identity.ts";

/**
 * People who do not exist, for simulations without a directory: so many for each role as any rule could seat, called
 * `sre-1`, `sre-2` and so on. Each holds one role.
 */
export function standIns(matrix: Matrix): readonly Member[] {
  return Object.entries(matrix.roles).flatMap(([role, { title, groups, issuers }]) => {
    const seats = matrix.rules
      .filter((rule) => rolesOfRule(rule).includes(role))
      .map(({ stages }) => stages.reduce((sum, { requires }) => sum + mostSeats(requires), 0));
    return Array.from({ length: Math.max(0, ...seats) }, (_, at) => ({
      identity: { issuer: issuers?.[0] ?? "urn:countersign:simulation", subject: `${role}-${at + 1}` },
      name: `${title} ${at + 1}`,
      address: "",
      groups: groups.slice(0, 1),
      enabled: true,
    }));
  });
}
