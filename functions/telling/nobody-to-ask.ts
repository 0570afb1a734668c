import type { ApprovalInput } from "../../core/approval/approval-input.ts";
import { titleOf } from "../../core/approval/entitlement.ts";
import { evaluateApproval } from "../../core/approval/evaluate-approval.ts";
import type { Person } from "../../core/approval/people.ts";
import { startersOf } from "../people/starters.ts";
import type { Occasion, Recipient, Telling } from "./telling.ts";

/** The roles whose seats are open; `undefined` once the stage is decided, though nobody may have written it down yet. */
export function missingIn(input: ApprovalInput): ReadonlySet<string> | undefined {
  const { outcome } = evaluateApproval(input);
  return outcome.kind === "open" ? new Set(outcome.missing) : undefined;
}

/** Those of the roles for which nobody is asked: all who could sign are away, or nobody could. */
export function rolesWithout(
  asked: readonly Recipient[],
  missing: ReadonlySet<string> | undefined,
  { roles }: Pick<ApprovalInput, "roles">,
): Recipient["roles"] {
  return [...(missing ?? [])]
    .filter((name) => !asked.some((each) => each.roles.some((role) => role.name === name)))
    .map((name) => ({ name, title: titleOf(roles, name) }));
}

const whyNobody = "Nobody can be asked for it: whoever could sign is away, or there is nobody who could.";

/**
 * That nobody is there to be asked for seats of an open stage, for whoever started the run: they can look for somebody, and nobody else
 * will (design 6.8). Once for each time that the stage opens, whoever finds it first. `common.occasion` is the stage's.
 */
export function nobodyTelling(
  common: Omit<Occasion, "purpose" | "people"> & { readonly promotion: NonNullable<Telling["promotion"]> },
  left: Recipient["roles"],
  { members }: Pick<ApprovalInput, "members">,
  people: readonly Person[],
): readonly Telling[] {
  if (left.length === 0) return [];
  const { promotion, occasion, reason } = common;
  const told = startersOf(promotion, members, people).map((member) => ({ member, roles: left }));
  return [
    {
      ...common,
      purpose: "escalated",
      occasion: `${occasion}/nobody`,
      people: told,
      reason: reason === undefined ? whyNobody : `${reason} ${whyNobody}`,
    },
  ];
}
