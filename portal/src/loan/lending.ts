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
  /** Who confirmed it and why nothing was lent by that. */
  readonly refused: readonly { readonly by: string; readonly why: string }[];
}

/** What the reader may do about a loan. The service judges again; this only saves a sign-in for nothing. */
export interface Lending {
  readonly roles: readonly NamedRole[];
  readonly maximumSeconds: number;
  /** Of others: those that the reader could confirm. */
  readonly requests: readonly OpenRequest[];
  /** Why nothing is lent at the moment, whoever asks. */
  readonly nothing?: string;
  /** The reader has approved in this review, and so cannot lend. */
  readonly approved: boolean;
  /** The reader has confirmed one of them: there is nothing for them to do until it is lent. */
  readonly confirmed: boolean;
}

/** Requests of this review that wait for a second lender; none once something is lent, or no stage is open. */
export function openRequests({ loan, status, signOffContext }: ShownPromotion, now: Instant): readonly OpenRequest[] {
  if (loan === undefined || loan.given !== undefined || status !== "in-review") return [];
  return loan.requests
    .filter(({ confirms, review }) => confirms === undefined && review === signOffContext?.review)
    .map((request) => ({
      request,
      until: addSeconds(request.recordedAt as Instant, loanRequestLifetimeSeconds),
      ...confirmationOf(request, loan),
    }))
    .filter(({ until }) => now < until);
}

function confirmationOf({ id }: { readonly id: string }, { requests }: ShownLoan) {
  const confirmations = requests.filter(({ confirms }) => confirms === id);
  const confirmation = confirmations.find(({ refused }) => refused === undefined);
  return {
    ...(confirmation === undefined ? {} : { confirmedBy: confirmation.lender }),
    refused: confirmations.flatMap(({ lender: by, refused: why }) => (why === undefined ? [] : [{ by, why }])),
  };
}

/** `undefined` where nothing is lent at the moment, or not by the reader. */
export function lendingOf(promotion: ShownPromotion, reviewer: Reviewer, now: Instant): Lending | undefined {
  const { requirements, signOffContext, status, loan, signOffs } = promotion;
  const { rule, roles } = requirements.document;
  if (rule.loan === undefined || signOffContext === undefined || status !== "in-review") return undefined;
  if (loan?.given !== undefined) return undefined;
  const held = rule.loan.roles.filter((role) => givesRole(roles, role, reviewer));
  if (held.length === 0) return undefined;
  const decided = signOffs
    .filter((signOff) => signOff.own === true)
    .toSorted((a, b) => (a.recordedAt < b.recordedAt ? -1 : 1));
  const latest = new Map(decided.map(({ stage, result }) => [stage, result]));
  const requests = openRequests(promotion, now).filter(({ request }) => request.own !== true);
  const own = loan?.requests.filter((each) => each.own === true) ?? [];
  const refused = new Set(own.flatMap((each) => (each.refused === undefined ? [] : [each.confirms])));
  const confirmed = new Set(own.map(({ confirms }) => confirms).filter((each) => !refused.has(each)));
  return {
    roles: held.map((name) => ({ name, title: titleOf(roles, name) })),
    maximumSeconds: rule.loan.maximumSeconds,
    // Of each request one confirmation of one person is taken.
    requests: requests.filter(({ request }) => !refused.has(request.id)),
    ...(promotion.nothingLent === undefined ? {} : { nothing: promotion.nothingLent }),
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
