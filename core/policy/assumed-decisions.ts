import { findRole, givesRole, titleOf } from "../approval/entitlement.ts";
import type { Matrix } from "../approval/matrix.ts";
import type { Instant } from "../encoding/instant.ts";
import { list } from "../encoding/policy-file.ts";
import { Failure } from "../failure.ts";
import type { Member } from "../promotion/identity.ts";
import { memberNamed } from "./directory.ts";
import type { GivenDecision } from "./play-review.ts";

/** That somebody would sign: who, by address, subject or name; in which roles, or in all that they hold. */
export interface AssumedDecision {
  readonly person: string;
  readonly roles?: readonly string[];
  readonly result: "approve" | "reject";
}

/** Finds the people that are assumed to sign. Throws `invalid-person`, also for a role that somebody does not hold. */
export function assumedDecisions(
  assumed: readonly AssumedDecision[],
  roles: Matrix["roles"],
  members: readonly Member[],
  at: Instant,
): readonly GivenDecision[] {
  return assumed.map(({ person, roles: named, result }) => {
    const member = memberNamed(person, members);
    for (const role of named ?? []) {
      if (findRole(roles, role) === undefined)
        throw new Failure("invalid-person", `There is no role '${role}'; there is ${list(Object.keys(roles))}.`);
      if (!givesRole(roles, role, member))
        throw new Failure("invalid-person", `${member.name} does not hold the role '${titleOf(roles, role)}'.`);
    }
    return {
      reviewer: member.identity,
      reviewerName: member.name,
      groups: member.groups,
      ...(named === undefined ? {} : { roles: named }),
      result,
      reason: "assumed",
      at,
    };
  });
}
