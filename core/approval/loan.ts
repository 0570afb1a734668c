import { addSeconds, type Instant, latestFirst } from "../encoding/instant.ts";
import { durationWords, list } from "../encoding/policy-file.ts";
import type { Sha256 } from "../encoding/sha256.ts";
import { by } from "../encoding/text-order.ts";
import type { FailureCode } from "../failure.ts";
import { type IdentityKey, identityKey, type Member } from "../promotion/identity.ts";
import type { LenderSignature, Loan } from "../promotion/loan.ts";
import type { Promotion } from "../promotion/promotion.ts";
import type { SignOff } from "../promotion/sign-off.ts";
import { type ApprovalInput, inRecordedOrder, latestDecisions } from "./approval-input.ts";
import { byIdentity, type PersonKey, personOf, titleOf, whyNotHeld } from "./entitlement.ts";
import { excludedPeople } from "./exclusions.ts";
import type { Duty, LoanPeriod, LoanPolicy } from "./matrix.ts";

/** A second lender confirms within this time: what was urgent then is asked for again. */
export const loanRequestLifetimeSeconds = 3600;

/** Whatever the rule excludes: nobody lends to themselves (design 6.12). */
const never: readonly Duty[] = ["requester", "started-the-run"];

/** What a loan is judged by: the promotion as it stands before, and who people are. */
export interface LoanInput {
  readonly promotion: Pick<Promotion, "manifest" | "startedBy" | "review">;
  readonly approval: ApprovalInput;
}

/** Why a lender's signature is not taken, in a sentence for them. */
export interface LoanRefusal {
  readonly code: FailureCode;
  readonly why: string;
}

/** A lender's signature before it is recorded. */
export type AttemptedLoan = Omit<LenderSignature, "id" | "promotion" | "review">;

/**
 * What is wrong with a lender's signature, alone and with the one that it confirms; `undefined` where it is taken, and,
 * if it confirms one, the loan may be given. A loan lends seats, never gates: those have passed before a review opens.
 *
 * @param first what it confirms; absent where it confirms nothing, or nothing that is recorded
 */
export function refuseLender(
  attempt: AttemptedLoan,
  first: LenderSignature | undefined,
  input: LoanInput,
): LoanRefusal | undefined {
  const { rule } = input.approval;
  const { loan: policy } = rule;
  if (policy === undefined)
    return refused(`The approval matrix lends nothing to '${rule.modelType}' in '${rule.target}'.`);
  if (attempt.terms.seconds > policy.maximumSeconds)
    return refused(`A loan lasts ${durationWords(policy.maximumSeconds)} at most.`);
  const unfit = whyNoLender(attempt, policy, input);
  if (unfit !== undefined) return { code: "not-entitled", why: `${attempt.reviewerName} ${unfit}.` };
  if (attempt.confirms === undefined) return undefined;
  if (first === undefined || first.confirms !== undefined) return refused("There is no such request for a loan.");
  return refusePair(first, attempt, policy, input);
}

/** The pairs of signatures by which a loan may be given: each confirmation that holds, the earliest first, and what it confirms. */
export function confirmedLoans(
  signatures: readonly LenderSignature[],
  input: LoanInput,
): readonly { readonly first: LenderSignature; readonly second: LenderSignature }[] {
  const ordered = signatures
    .filter(({ review }) => review === input.promotion.review)
    .toSorted(by(({ recordedAt, id }) => `${recordedAt} ${id}`));
  return ordered.flatMap((second) => {
    const first = ordered.find(({ id }) => id === second.confirms);
    return first !== undefined && refuseLender(second, first, input) === undefined ? { first, second } : [];
  });
}

/** A request for a loan that somebody may confirm. */
export interface LoanToConfirm {
  /** The signature that asks for it. */
  readonly id: Sha256;
  /** Until then. */
  readonly until: Instant;
}

/** The latest request of this review that somebody may confirm at an instant, in whichever role they hold; `undefined` where there is none. */
export function loanToConfirm(
  signatures: readonly LenderSignature[],
  { identity, name, groups, enabled }: Pick<Member, "identity" | "name" | "groups" | "enabled">,
  at: Instant,
  input: LoanInput,
): LoanToConfirm | undefined {
  const { loan: policy } = input.approval.rule;
  if (policy === undefined || !enabled) return undefined;
  const keyOf = personOf(input.approval.members, input.approval.people);
  const given = signatures.filter(({ review }) => review === input.promotion.review);
  // Of each request one confirmation of one person is taken, with whichever account.
  const confirmed = new Set(
    given.filter(({ reviewer }) => keyOf(reviewer) === keyOf(identity)).map(({ confirms }) => confirms),
  );
  const open = given.filter(({ id, confirms }) => confirms === undefined && !confirmed.has(id));
  const request = latestFirst(open, ({ recordedAt }) => recordedAt).find((first) =>
    policy.roles.some((role) => {
      const attempt = { reviewer: identity, reviewerName: name, groups, role, reason: "", recordedAt: at };
      return refuseLender({ ...attempt, terms: first.terms, confirms: first.id }, first, input) === undefined;
    }),
  );
  return request && { id: request.id, until: addSeconds(request.recordedAt, loanRequestLifetimeSeconds) };
}

/** The loan that two signatures give. It runs from the second one. */
export function loanOf(first: LenderSignature, second: LenderSignature): Loan {
  return {
    terms: first.terms,
    lenders: [first, second].map(({ role, reviewer, id }) => ({ role, person: reviewer, signature: id })),
    at: second.recordedAt,
    until: addSeconds(second.recordedAt, first.terms.seconds),
  };
}

/** The period that a budget is counted in, in UTC: `2026-11`, `2026-Q4` or `2026`. */
export function loanPeriodOf(per: LoanPeriod, at: Instant): string {
  const year = at.slice(0, 4);
  switch (per) {
    case "month":
      return at.slice(0, 7);
    case "quarter":
      return `${year}-Q${Math.ceil(Number(at.slice(5, 7)) / 3)}`;
    case "year":
      return year;
    default:
      return per satisfies never;
  }
}

/** That the budget is used up, in a sentence. */
export function budgetSentence({ budget: { loans, per } }: LoanPolicy, model: string): string {
  return `The budget of '${model}' is used up: ${loans === 1 ? "one loan" : `${loans} loans`} each ${per}.`;
}

/** Whoever lent may not ratify, under whatever identity: why, in words that follow the name. */
export function lendersExcluded(
  loan: Loan | undefined,
  { members, people }: Pick<ApprovalInput, "members" | "people">,
): ReadonlyMap<IdentityKey, string> {
  if (loan === undefined) return new Map();
  const keyOf = personOf(members, people);
  const lenders = new Set(loan.lenders.map(({ person }) => keyOf(person)));
  const identities = [...members.map(({ identity }) => identity), ...loan.lenders.map(({ person }) => person)];
  return new Map(
    identities
      .filter((identity) => lenders.has(keyOf(identity)))
      .map((identity) => [identityKey(identity), "lent the seats that are missing"]),
  );
}

/** Why somebody cannot lend, in words that follow the name. */
function whyNoLender(attempt: AttemptedLoan, policy: LoanPolicy, { promotion, approval }: LoanInput) {
  const { roles, members, people, entitlement } = approval;
  if (!policy.roles.includes(attempt.role))
    return `signs as '${titleOf(roles, attempt.role)}'; ${list(policy.roles.map((role) => titleOf(roles, role)))} may lend`;
  const notHeld = whyNotHeld(attempt, attempt.role, { roles, members: byIdentity(members), entitlement });
  if (notHeld !== undefined) return notHeld;
  const { excluded } = excludedPeople({
    manifest: promotion.manifest,
    startedBy: promotion.startedBy,
    duties: [...new Set([...approval.rule.excludes, ...never])],
    members,
    people,
  });
  const hand = excluded.get(identityKey(attempt.reviewer));
  if (hand !== undefined) return `${hand}, and so cannot lend to it`;
  const keyOf = personOf(members, people);
  return approvers(approval, keyOf).has(keyOf(attempt.reviewer))
    ? "has approved it in this review: a loan is given by others than those who approve"
    : undefined;
}

function refusePair(
  first: LenderSignature,
  second: AttemptedLoan,
  policy: LoanPolicy,
  input: LoanInput,
): LoanRefusal | undefined {
  const { members, people } = input.approval;
  const keyOf = personOf(members, people);
  if (keyOf(first.reviewer) === keyOf(second.reviewer))
    return { code: "not-entitled", why: "A loan takes two people: somebody else must confirm it." };
  if (first.terms.seconds !== second.terms.seconds || first.terms.incident !== second.terms.incident)
    return refused("The second lender must confirm the very loan that the first asked for.");
  if (second.recordedAt < first.recordedAt) return refused("A loan is confirmed after it was asked for.");
  if (second.recordedAt >= addSeconds(first.recordedAt, loanRequestLifetimeSeconds))
    return refused("The request for a loan is older than an hour: ask again.");
  const unfit = whyNoLender(first, policy, input);
  return unfit === undefined
    ? undefined
    : refused(`The request cannot be confirmed any more: ${first.reviewerName} ${unfit}.`);
}

/** Everybody whose approval stands in some stage of this review, and those in whose place they gave it. */
function approvers({ rule, review, signOffs }: ApprovalInput, keyOf: (identity: SignOff["reviewer"]) => PersonKey) {
  const ordered = inRecordedOrder(signOffs);
  return new Set(
    rule.stages
      .flatMap((_, stage) => [...latestDecisions(ordered, { review, stage }, keyOf).values()])
      .filter(({ result }) => result === "approve")
      .flatMap(({ reviewer, onBehalfOf }) => [reviewer, ...(onBehalfOf === undefined ? [] : [onBehalfOf.person])])
      .map(keyOf),
  );
}

function refused(why: string): LoanRefusal {
  return { code: "loan-refused", why };
}
