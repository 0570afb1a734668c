import type { SignOff } from "../promotion/sign-off.ts";
import { type ApprovalInput, latestDecisions } from "./approval-input.ts";
import { byIdentity, type PersonKey, type PersonOf, rolesOfStage, titleOf, whyNotHeld } from "./entitlement.ts";
import type { Dismissal } from "./explanation.ts";
import type { Stage } from "./matrix.ts";
import { whyNotCounted } from "./settled-stages.ts";

/** Somebody's approval that counts, and the roles in which it does. */
export interface Vote {
  readonly person: PersonKey;
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
    seated,
  }: {
    readonly ordered: readonly SignOff[];
    readonly keyOf: PersonOf;
    readonly seated: ReadonlyMap<PersonKey, string>;
  },
): Votes {
  const directory = { roles: input.roles, members: byIdentity(input.members), entitlement: input.entitlement };
  const asked = rolesOfStage(stage);
  const counted: Vote[] = [];
  const dismissed: Dismissal[] = [];
  const dismiss = (signOff: SignOff, why: string) =>
    dismissed.push({ person: { identity: signOff.reviewer, name: signOff.reviewerName }, why });

  for (const signOff of ordered) {
    if (signOff.stage === index && signOff.review !== input.review) dismiss(signOff, "signed in an earlier review");
  }
  for (const [person, signOff] of latestDecisions(ordered, { review: input.review, stage: index }, keyOf)) {
    if (signOff.result === "reject") continue;
    if (signOff.result === "withdraw") {
      dismiss(signOff, "withdrew the decision");
      continue;
    }
    const elsewhere = seated.get(person);
    const why = whyNotCounted(signOff, input) ?? (elsewhere === undefined ? undefined : `already fills ${elsewhere}`);
    if (why !== undefined) {
      dismiss(signOff, why);
      continue;
    }
    const named = asked.filter((role) => signOff.roles.includes(role));
    const refused = named.flatMap((role) => whyNotHeld(signOff, role, directory) ?? []);
    const roles = new Set(named.filter((role) => whyNotHeld(signOff, role, directory) === undefined));
    if (named.length === 0) {
      dismiss(signOff, `signed in none of the roles of this stage: ${titles(asked, input)}`);
    } else if (refused.length > 0) {
      dismiss(signOff, [...new Set(refused)].join(", "));
    }
    if (roles.size > 0) counted.push({ person, signOff, roles });
  }
  return { counted, dismissed };
}

function titles(roles: readonly string[], input: ApprovalInput): string {
  return roles.map((role) => titleOf(input.roles, role)).join(", ");
}
