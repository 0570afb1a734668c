import type { IdentityKey, Member } from "../promotion/identity.ts";
import type { SignOff } from "../promotion/sign-off.ts";
import { type ApprovalInput, latestDecisions } from "./approval-input.ts";
import { type PersonKey, type PersonOf, rolesOfStage, titleOf } from "./entitlement.ts";
import { seatsFor } from "./escalation.ts";
import type { Dismissal } from "./explanation.ts";
import type { Stage } from "./matrix.ts";
import { whyNotCounted } from "./settled-stages.ts";

/** Somebody's approval that counts, and the roles in which it does. */
export interface Vote {
  readonly person: PersonKey;
  /** In whose place: the vote is of both, and fills one seat. */
  readonly inPlaceOf?: PersonKey;
  readonly signOff: SignOff;
  readonly roles: ReadonlySet<string>;
}

/** What a stage's approvals are worth. */
export interface Votes {
  /** In the order of recording, one for each person. */
  readonly counted: readonly Vote[];
  readonly dismissed: readonly Dismissal[];
}

/**
 * The approvals that may fill seats of a stage: each person's latest decision, in the roles that it names, that the
 * stage asks for and that the person holds (design 6.2).
 *
 * @param seated who fills a seat in another stage, and which, as `'SRE' in the stage 'operations'`
 */
export function votesIn(
  stage: Stage,
  index: number,
  input: ApprovalInput,
  {
    ordered,
    keyOf,
    members,
    seated,
  }: {
    readonly ordered: readonly SignOff[];
    readonly keyOf: PersonOf;
    readonly members: ReadonlyMap<IdentityKey, Member>;
    readonly seated: ReadonlyMap<PersonKey, string>;
  },
): Votes {
  const { roles: allRoles, entitlement, delegations } = input;
  const directory = { roles: allRoles, members, entitlement, delegations };
  const asked = rolesOfStage(stage);
  const counted: Vote[] = [];
  const dismissed: Dismissal[] = [];
  const dismiss = (signOff: SignOff, why: string) =>
    dismissed.push({ person: { identity: signOff.reviewer, name: signOff.reviewerName }, why });

  for (const signOff of ordered) {
    if (signOff.stage === index && signOff.review !== input.review)
      dismiss(signOff, input.invalidated.get(signOff.id) ?? "signed in an earlier review");
  }
  const latest = latestDecisions(ordered, { review: input.review, stage: index }, keyOf);
  const represented = new Set<PersonKey>();
  for (const [person, signOff] of latest) {
    if (signOff.result === "reject") continue;
    if (signOff.result === "withdraw") {
      dismiss(signOff, "withdrew the decision");
      continue;
    }
    const inPlaceOf = signOff.onBehalfOf === undefined ? undefined : keyOf(signOff.onBehalfOf.person);
    const elsewhere = seated.get(person);
    const why =
      whyNotCounted(signOff, input) ??
      (elsewhere === undefined ? undefined : `already fills ${elsewhere}`) ??
      (inPlaceOf === undefined ? undefined : whyPlaceTaken(inPlaceOf, { latest, seated, represented }));
    if (why !== undefined) {
      dismiss(signOff, why);
      continue;
    }
    const { named, roles, refused } = seatsFor(signOff, stage, input, directory);
    if (named.length === 0) {
      dismiss(signOff, `signed in none of the roles of this stage: ${titles(asked, input)}`);
    } else if (refused.length > 0) {
      dismiss(signOff, [...new Set(refused)].join(", "));
    }
    if (roles.size === 0) continue;
    if (inPlaceOf !== undefined) represented.add(inPlaceOf);
    counted.push({ person, ...(inPlaceOf === undefined ? {} : { inPlaceOf }), signOff, roles });
  }
  return { counted, dismissed };
}

/** Why nobody can sign in somebody's place any more: one seat for the two of them, and whoever decides does so in person. */
export function whyPlaceTaken(
  delegator: PersonKey,
  {
    latest,
    seated,
    represented,
  }: {
    readonly latest: ReadonlyMap<PersonKey, SignOff>;
    readonly seated: ReadonlyMap<PersonKey, string>;
    readonly represented: ReadonlySet<PersonKey>;
  },
): string | undefined {
  const elsewhere = seated.get(delegator);
  if (elsewhere !== undefined) return `signed in the place of somebody who already fills ${elsewhere}`;
  const own = latest.get(delegator);
  if (own !== undefined && own.result !== "withdraw")
    return `signed in the place of ${own.reviewerName}, who has decided`;
  return represented.has(delegator) ? "signed in the place of somebody for whom another has signed" : undefined;
}

function titles(roles: readonly string[], input: ApprovalInput): string {
  return roles.map((role) => titleOf(input.roles, role)).join(", ");
}
