import { addSeconds, type Instant } from "../encoding/instant.ts";
import type { FailureCode } from "../failure.ts";
import { identityKey } from "../promotion/identity.ts";
import type { OpenStage } from "../promotion/promotion.ts";
import type { SignOff } from "../promotion/sign-off.ts";
import { type ApprovalInput, inRecordedOrder, latestDecisions } from "./approval-input.ts";
import { type CalendarOutcome, frozenSentence } from "./calendar.ts";
import { byIdentity, type PersonKey, personOf, rolesOfRule, rolesOfStage, titleOf } from "./entitlement.ts";
import { seatsFor } from "./escalation.ts";
import type { NamedPerson } from "./explanation.ts";
import type { Stage } from "./matrix.ts";
import { whoCouldSign } from "./reachability.ts";
import { heldWhenRejecting } from "./rejections.ts";
import { whyExcluded } from "./settled-stages.ts";
import { whyPlaceTaken } from "./votes.ts";

/** Why a sign-off is not taken, in words for the reviewer, and who could give it instead. */
export interface Refusal {
  readonly code: FailureCode;
  readonly why: string;
  /** Empty where the reviewer is not the obstacle. */
  readonly whoElse: readonly NamedPerson[];
}

/** A decision before it is recorded. */
export type AttemptedSignOff = Pick<
  SignOff,
  | "stage"
  | "result"
  | "reason"
  | "roles"
  | "reviewer"
  | "reviewerName"
  | "onBehalfOf"
  | "groups"
  | "acr"
  | "amr"
  | "passkey"
  | "recordedAt"
> & {
  /** When the identity provider signed it, at the latest; where it is not given, as it is recorded. */
  readonly signedBy?: Instant;
};

/**
 * Asks of a decision, before it is recorded, what `evaluateApproval` will ask afterwards, and what only the moment of
 * signing can tell: the stage is open (design 6.3), its minimum review time is over, a rejection has a reason.
 * `undefined`: it is taken.
 *
 * @param openStage the stage that takes approvals; `approval.openStage` is its index
 */
export function refuseSignOff(input: {
  readonly approval: ApprovalInput;
  readonly openStage: OpenStage | undefined;
  readonly attempt: AttemptedSignOff;
  /** What the freeze calendar says now; nothing holds up a rejection. */
  readonly calendar?: CalendarOutcome;
}): Refusal | undefined {
  const { attempt, calendar } = input;
  switch (attempt.result) {
    case "approve": {
      const refusal = refuseApproval(input.approval, input.openStage, attempt);
      if (refusal !== undefined || calendar?.kind !== "frozen") return refusal;
      const why = `${frozenSentence(calendar)} Nothing is approved before; a rejection is taken at any time.`;
      return { code: "change-freeze", why, whoElse: [] };
    }
    case "reject":
      return refuseRejection(input.approval, attempt);
    case "withdraw":
      return refuseWithdrawal(input.approval, input.openStage, attempt);
    default:
      return attempt.result satisfies never;
  }
}

function refuseApproval(
  approval: ApprovalInput,
  openStage: OpenStage | undefined,
  attempt: AttemptedSignOff,
): Refusal | undefined {
  const stage = approval.rule.stages[attempt.stage];
  if (stage === undefined) return { code: "stage-not-open", why: "There is no such stage.", whoElse: [] };
  const { reviewerName: name } = attempt;
  const barred = whyExcluded(attempt, approval);
  if (barred !== undefined) return notEntitled(`${name} ${barred}.`, stage, approval, attempt);

  const closed = whyClosed(stage, attempt.stage, openStage, approval.now);
  if (closed !== undefined) return closed;

  const notHeld = whyNoRole(stage, approval, attempt);
  if (notHeld !== undefined) return notEntitled(notHeld, stage, approval, attempt);

  const seated = whySeated(approval, attempt);
  if (seated !== undefined) return notEntitled(`${name} ${seated}`, stage, approval, attempt);

  const earliest = openStage === undefined ? approval.now : addSeconds(openStage.openedAt, stage.minimumReviewSeconds);
  // Whoever signs in before it, and sends what that signed afterwards, has reviewed for no longer.
  const signedBy = attempt.signedBy ?? approval.now;
  if (approval.now >= earliest && signedBy >= earliest) return undefined;
  const why = `The stage '${stage.name}' takes approvals from ${earliest} on, so that there is time to review; a rejection is taken at once.`;
  return { code: "too-early", why, whoElse: [] };
}

/** Whether the signer, or the person in whose place they sign, has a seat already, in words that follow the name. */
function whySeated(approval: ApprovalInput, attempt: AttemptedSignOff): string | undefined {
  const keyOf = personOf(approval.members, approval.people);
  const delegatorOf = ({ onBehalfOf }: Pick<SignOff, "onBehalfOf">) =>
    onBehalfOf === undefined ? undefined : keyOf(onBehalfOf.person);
  const seated = new Map<PersonKey, string>();
  for (const settled of approval.settled.filter(({ index }) => index !== attempt.stage)) {
    for (const { role, person, signOff: id } of settled.seats) {
      const where = `the seat '${titleOf(approval.roles, role)}' in the stage '${approval.rule.stages[settled.index]?.name ?? ""}'`;
      const signOff = approval.signOffs.find((each) => each.id === id);
      const delegator = signOff === undefined ? undefined : delegatorOf(signOff);
      seated.set(keyOf(person), where);
      if (delegator !== undefined) seated.set(delegator, where);
    }
  }
  const person = keyOf(attempt.reviewer);
  const own = seated.get(person);
  if (own !== undefined) return `already fills ${own}; a person fills one seat at most.`;
  const delegator = delegatorOf(attempt);
  if (delegator === undefined) return undefined;
  const at = { review: approval.review, stage: attempt.stage };
  const latest = latestDecisions(inRecordedOrder(approval.signOffs), at, keyOf);
  const represented = new Set(
    [...latest]
      .filter(([key, { result }]) => key !== person && result === "approve")
      .flatMap(([, signOff]) => delegatorOf(signOff) ?? []),
  );
  const taken = whyPlaceTaken(delegator, { latest, seated, represented });
  return taken === undefined ? undefined : `${taken}; there is one seat for the two of them.`;
}

function refuseRejection(approval: ApprovalInput, attempt: AttemptedSignOff): Refusal | undefined {
  const roles = rolesOfRule(approval.rule);
  if (!roles.some((role) => heldWhenRejecting(attempt, role, approval))) {
    const titles = roles.map((role) => titleOf(approval.roles, role)).join(", ");
    const why = `${attempt.reviewerName} holds none of the roles that may reject this promotion: ${titles}.`;
    return { code: "not-entitled", why, whoElse: [] };
  }
  if (attempt.reason.trim() !== "") return undefined;
  return { code: "reason-required", why: "A rejection needs a reason that its authors can act on.", whoElse: [] };
}

function refuseWithdrawal(
  approval: ApprovalInput,
  openStage: OpenStage | undefined,
  attempt: AttemptedSignOff,
): Refusal | undefined {
  const stage = approval.rule.stages[attempt.stage];
  if (stage === undefined) return { code: "stage-not-open", why: "There is no such stage.", whoElse: [] };
  const closed = whyClosed(stage, attempt.stage, openStage, approval.now);
  if (closed !== undefined)
    return { ...closed, why: `${closed.why} Until the verdict is signed you can still reject.` };
  const keyOf = personOf(approval.members, approval.people);
  const latest = latestDecisions(
    inRecordedOrder(approval.signOffs),
    { review: approval.review, stage: attempt.stage },
    keyOf,
  ).get(keyOf(attempt.reviewer));
  if (latest !== undefined && latest.result !== "withdraw") return undefined;
  const why = `${attempt.reviewerName} has no decision in the stage '${stage.name}' that could be withdrawn.`;
  return { code: "invalid-request", why, whoElse: [] };
}

function whyClosed(stage: Stage, index: number, openStage: OpenStage | undefined, now: Instant): Refusal | undefined {
  if (openStage === undefined || !openStage.open || openStage.index !== index) {
    return { code: "stage-not-open", why: `The stage '${stage.name}' is not open.`, whoElse: [] };
  }
  // At the deadline itself it is over (design 6.6).
  if (now < openStage.deadline) return undefined;
  return { code: "stage-not-open", why: `The stage '${stage.name}' was over at ${openStage.deadline}.`, whoElse: [] };
}

function whyNoRole(stage: Stage, approval: ApprovalInput, attempt: AttemptedSignOff): string | undefined {
  const titles = rolesOfStage(stage)
    .map((role) => titleOf(approval.roles, role))
    .join(", ");
  const directory = {
    roles: approval.roles,
    members: byIdentity(approval.members),
    entitlement: approval.entitlement,
    delegations: approval.delegations,
  };
  const { named, roles, refused } = seatsFor(attempt, stage, approval, directory);
  if (roles.size > 0) return undefined;
  if (named.length > 0) return `${attempt.reviewerName} ${[...new Set(refused)].join(", ")}.`;
  const from = approval.escalations?.get(attempt.stage);
  const { escalation } = approval.rule;
  const later =
    from === undefined || escalation === undefined || !attempt.roles.includes(escalation.to)
      ? ""
      : ` As ${titleOf(approval.roles, escalation.to)} it may be signed from ${from} on.`;
  return `${attempt.reviewerName} signs in none of the roles that the stage '${stage.name}' asks for: ${titles}.${later}`;
}

function notEntitled(why: string, stage: Stage, approval: ApprovalInput, attempt: AttemptedSignOff): Refusal {
  const asked = rolesOfStage(stage);
  const named = asked.filter((role) => attempt.roles.includes(role));
  const wanted = named.length > 0 ? named : asked;
  const reviewer = identityKey(attempt.reviewer);
  const others = new Map(
    whoCouldSign({ ...approval, stage: attempt.stage })
      .filter(({ role }) => wanted.includes(role))
      .flatMap(({ members }) => members)
      .map(({ identity, name }) => [identityKey(identity), { identity, name }]),
  );
  others.delete(reviewer);
  const whoElse = [...others.values()];
  return { code: "not-entitled", why: whoElse.length === 0 ? `${why} Nobody else could at the moment.` : why, whoElse };
}
