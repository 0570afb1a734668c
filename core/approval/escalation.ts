import { addSeconds, type Instant } from "../encoding/instant.ts";
import type { Promotion } from "../promotion/promotion.ts";
import type { SignOff } from "../promotion/sign-off.ts";
import type { ApprovalInput } from "./approval-input.ts";
import { type EntitlementDirectory, whyNotEntitled } from "./delegation.ts";
import { rolesOfStage } from "./entitlement.ts";
import type { ApprovalRule, Stage } from "./matrix.ts";

/**
 * From when on the seats of each stage of the review may be filled by the role that it is escalated to: so long after each was opened first. A stage that opens again because a
 * seat fell has waited before, so what counted does not stop counting.
 */
export function escalationsOf(
  { escalation }: Pick<ApprovalRule, "escalation">,
  { history, review }: Pick<Promotion, "history" | "review">,
): ReadonlyMap<number, Instant> {
  const found = new Map<number, Instant>();
  if (escalation === undefined) return found;
  for (const { type, at, body } of history) {
    const stage = body["stage"];
    if (type !== "stage-opened" || typeof stage !== "number" || body["review"] !== review) continue;
    const from = addSeconds(at, escalation.afterSeconds);
    const known = found.get(stage);
    if (known === undefined || from < known) found.set(stage, from);
  }
  return found;
}

/** The role that may fill a stage's seats at an instant beside those that it asks for; `undefined` where none may. */
export function escalatedTo(
  { rule, escalations }: Pick<ApprovalInput, "rule" | "escalations">,
  stage: number,
  at: Instant,
): string | undefined {
  const from = escalations?.get(stage);
  return from !== undefined && from <= at ? rule.escalation?.to : undefined;
}

/** The seats of a stage that a sign-off may fill, by their roles, and why it may not in those that it names. */
export function seatsFor(
  signOff: SignOff | (Parameters<typeof whyNotEntitled>[0] & Pick<SignOff, "roles" | "stage">),
  stage: Stage,
  input: Pick<ApprovalInput, "rule" | "escalations">,
  directory: EntitlementDirectory,
): { readonly named: readonly string[]; readonly roles: ReadonlySet<string>; readonly refused: readonly string[] } {
  const asked = rolesOfStage(stage);
  const escalated = escalatedTo(input, signOff.stage, signOff.recordedAt);
  const named = [...new Set([...asked, ...(escalated === undefined ? [] : [escalated])])].filter((role) =>
    signOff.roles.includes(role),
  );
  const refused: string[] = [];
  const roles = new Set<string>();
  for (const role of named) {
    const why = whyNotEntitled(signOff, role, directory);
    if (why !== undefined) refused.push(why);
    else for (const seat of role === escalated ? asked : [role]) roles.add(seat);
  }
  return { named, roles, refused };
}
