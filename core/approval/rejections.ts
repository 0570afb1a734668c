import type { SignOff } from "../promotion/sign-off.ts";
import type { ApprovalInput } from "./approval-input.ts";
import { whyNotInPlace } from "./delegation.ts";
import { findRole, givesRole, type PersonKey, personOf, rolesOfRule, signedBy } from "./entitlement.ts";
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
 * stage when signing counts, excluded people too, and in any stage (design 6.4): stopping is the safe direction. So two accounts that
 * the directory alone takes for one person's are two here.
 */
export function findRejections(
  input: Pick<
    ApprovalInput,
    "rule" | "roles" | "review" | "invalidated" | "delegations" | "members" | "people" | "objectors"
  >,
  ordered: readonly SignOff[],
): Rejections {
  const keyOf = personOf(input.objectors ?? input.members, input.people);
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
    const holds = roles.some((role) => heldWhenRejecting(signOff, role, input));
    if (invalid !== undefined || !holds) {
      const why = invalid ?? "held none of the roles of this promotion when rejecting";
      dismissed.push({ stage, person: { identity: signOff.reviewer, name: signOff.reviewerName }, why });
      continue;
    }
    inStage.set(person, signOff);
    if (areEnough([...inStage.values()], input.rule.stages[stage]?.rejectionsToStop ?? 1, input)) {
      return { decisive: { stage, by: [...inStage.values()] }, standing: counts(standing), dismissed };
    }
  }
  return { decisive: undefined, standing: counts(standing), dismissed };
}

/**
 * Whether rejections that stand in a stage stop the promotion: as many as the stage asks for, or as many by holders of
 * one role as that role asks for. Whoever holds only roles that ask for more than the stage counts for those alone.
 */
function areEnough(
  rejections: readonly SignOff[],
  ofStage: number,
  { rule, roles, delegations }: Pick<ApprovalInput, "rule" | "roles" | "delegations">,
): boolean {
  const named = rolesOfRule(rule);
  const ownNumber = (role: string) => findRole(roles, role)?.rejectionsToStop;
  const heldBy = (signOff: SignOff) => named.filter((role) => heldWhenRejecting(signOff, role, { roles, delegations }));
  const towardsStage = rejections.filter((no) => heldBy(no).some((role) => (ownNumber(role) ?? ofStage) <= ofStage));
  if (towardsStage.length >= ofStage) return true;
  return named.some((role) => {
    const number = ownNumber(role);
    return number !== undefined && rejections.filter((no) => heldBy(no).includes(role)).length >= number;
  });
}

/** Whether a rejection counts in a role: its author's own, or one in which they stood in somebody's place. */
export function heldWhenRejecting(
  signOff: Pick<SignOff, "reviewer" | "groups" | "onBehalfOf" | "recordedAt">,
  role: string,
  { roles, delegations }: Pick<ApprovalInput, "roles" | "delegations">,
): boolean {
  if (givesRole(roles, role, signedBy(signOff))) return true;
  if (signOff.onBehalfOf === undefined) return false;
  const directory = { roles, members: new Map(), entitlement: "as-signed" as const, delegations };
  return whyNotInPlace(signOff, role, directory) === undefined;
}

function counts(standing: ReadonlyMap<number, ReadonlyMap<PersonKey, SignOff>>): ReadonlyMap<number, number> {
  return new Map([...standing].map(([stage, rejections]) => [stage, rejections.size]));
}
