import type { SignOff } from "../promotion/sign-off.ts";
import type { ApprovalInput } from "./approval-input.ts";
import { givesRole, type PersonKey, type PersonOf, rolesOfRule } from "./entitlement.ts";
import type { Dismissal } from "./explanation.ts";

/** The rejections that ended the promotion, and those that did not count. */
export interface Rejections {
  /** `undefined` while the promotion goes on. */
  readonly decisive: { readonly stage: number; readonly by: readonly SignOff[] } | undefined;
  /** How many stand in each stage. */
  readonly standing: ReadonlyMap<number, number>;
  readonly dismissed: readonly (Dismissal & { readonly stage: number })[];
}

/**
 * Goes through the sign-offs as they were recorded. The first rejection that reaches its stage's number ends the
 * promotion at once; what its author decides afterwards changes nothing (design 6.5). Whoever held a role of any
 * stage when signing counts, excluded people too, and in any stage (design 6.4): stopping is the safe direction.
 */
export function findRejections(
  input: Pick<ApprovalInput, "rule" | "roles" | "review" | "invalidated">,
  ordered: readonly SignOff[],
  keyOf: PersonOf,
): Rejections {
  const roles = rolesOfRule(input.rule);
  const standing = new Map<number, Map<PersonKey, SignOff>>();
  const dismissed: (Dismissal & { readonly stage: number })[] = [];
  for (const signOff of ordered) {
    if (signOff.review !== input.review) continue;
    const { stage } = signOff;
    const inStage = standing.get(stage) ?? new Map<PersonKey, SignOff>();
    standing.set(stage, inStage);
    const person = keyOf(signOff.reviewer);
    inStage.delete(person);
    if (signOff.result !== "reject") continue;
    const invalid = input.invalidated.get(signOff.id);
    const holds = roles.some((role) => givesRole(input.roles, role, signOff.groups));
    if (invalid !== undefined || !holds) {
      const why = invalid ?? "held none of the roles of this promotion when rejecting";
      dismissed.push({ stage, person: { identity: signOff.reviewer, name: signOff.reviewerName }, why });
      continue;
    }
    inStage.set(person, signOff);
    if (inStage.size >= (input.rule.stages[stage]?.rejectionsToStop ?? 1)) {
      return { decisive: { stage, by: [...inStage.values()] }, standing: counts(standing), dismissed };
    }
  }
  return { decisive: undefined, standing: counts(standing), dismissed };
}

function counts(standing: ReadonlyMap<number, ReadonlyMap<PersonKey, SignOff>>): ReadonlyMap<number, number> {
  return new Map([...standing].map(([stage, rejections]) => [stage, rejections.size]));
}
