import { givesRole } from "../../../core/approval/entitlement.ts";
import { openStageOf } from "../../../core/approval/promotion-approval.ts";
import type { Requirements } from "../../../core/approval/requirements.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { type LendingPorts, whyNothingLent } from "../../review/not-lent.ts";
import type { Reader } from "../readers.ts";

/**
 * Why nothing is lent to a promotion at an instant, for a reader who may lend: they have no minute to write for nothing down
 * why it burns, and to sign in. `undefined` where something is, or where it is not theirs.
 */
export async function nothingLent(
  promotion: Promotion,
  { rule, roles }: Pick<Requirements, "rule" | "roles">,
  reader: Reader,
  now: Instant,
  ports: LendingPorts,
): Promise<string | undefined> {
  const { loan } = rule;
  if (loan === undefined || reader.kind !== "person") return undefined;
  if (promotion.status !== "in-review" || openStageOf(promotion) === undefined) return undefined;
  if (!loan.roles.some((role) => givesRole(roles, role, reader.person))) return undefined;
  return (await whyNothingLent(promotion, rule, now, ports))?.message;
}
