import { givesRole, titleOf } from "../../../core/approval/entitlement.ts";
import { loanRequestLifetimeSeconds } from "../../../core/approval/loan.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import type { ShownPromotion } from "../api/contract.ts";
import type { NamedRole } from "../decision/standing.ts";
import type { Reviewer } from "../session/session.ts";

export type ShownLoan = NonNullable<ShownPromotion["loan"]>;

/** A request for a loan that nobody has confirmed yet and somebody still can. */
export interface OpenRequest {
  readonly request: ShownLoan["requests"][number];
  /** At this instant it is too old. */
  readonly until: Instant;
  /** Who confirmed it, where somebody did: it is about to be lent. */
  readonly confirmedBy?: string;
}

/** What the reader may do about a loan. The service judges again; this only saves a sign-in for nothing. */
export interface Lending {
  readonly roles: readonly NamedRole[];
  readonly maximumSeconds: number;
  /** Of others: those that the reader could confirm. */
  readonly requests: readonly OpenRequest[];
  /** The reader has approved in this review, and so cannot lend. */
  readonly approved: boolean;
  /** The reader has confirmed one of them: there is nothing for them to do until it is lent. */
  readonly confirmed: boolean;
}

/** Requests that wait for a second lender; none once something is lent, or no stage is open. */
export function openRequests({ loan, status }: ShownPromotion, now: Instant): readonly OpenRequest[] {
  if (loan === undefined || loan.given !== undefined || status !== "in-review") return [];
  return loan.requests
    .filter(({ confirms }) => confirms === undefined)
    .map((request) => ({
      request,
      until: addSeconds(request.recordedAt as Instant, loanRequestLifetimeSeconds),
      ...confirmationOf(request, loan),
    }))
    .filter(({ until }) => now < until);
}

function confirmationOf({ id }: { readonly id: string }, { requests }: ShownLoan): Pick<OpenRequest, "confirmedBy"> {
  const confirmation = requests.find(({ confirms }) => confirms === id);
  return confirmation === undefined ? {} : { confirmedBy: confirmation.lender };
}

/** `undefined` where nothing is lent at the moment, or not by the reader. */
export function lendingOf(promotion: ShownPromotion, reviewer: Reviewer, now: Instant): Lending | undefined {
  const { requirements, signOffContext, status, loan, signOffs } = promotion;
  const { rule, roles } = requirements.document;
  if (rule.loan === undefined || signOffContext === undefined || status !== "in-review") return undefined;
  if (loan?.given !== undefined) return undefined;
  const held = rule.loan.roles.filter((role) => givesRole(roles, role, reviewer));
  if (held.length === 0) return undefined;
  const own = signOffs
    .filter((signOff) => signOff.own === true)
    .toSorted((a, b) => (a.recordedAt < b.recordedAt ? -1 : 1));
  const latest = new Map(own.map(({ stage, result }) => [stage, result]));
  const requests = openRequests(promotion, now).filter(({ request }) => request.own !== true);
  const confirmed = new Set(loan?.requests.flatMap((each) => (each.own === true ? [each.confirms] : [])));
  return {
    roles: held.map((name) => ({ name, title: titleOf(roles, name) })),
    maximumSeconds: rule.loan.maximumSeconds,
    requests,
    approved: [...latest.values()].includes("approve"),
    confirmed: requests.some(({ request }) => confirmed.has(request.id)),
  };
}

/** The two signatures by which the loan was given. */
export function lendersOf({ requests, given }: ShownLoan) {
  const second = requests.find(({ confirms, recordedAt }) => confirms !== undefined && recordedAt === given?.at);
  const first = requests.find(({ id }) => id === second?.confirms);
  return first === undefined || second === undefined ? undefined : { first, second };
}
