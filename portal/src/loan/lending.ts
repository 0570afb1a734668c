import { givesRole, titleOf } from "../../../core/approval/entitlement.ts";
import { type OpenRequest, openRequests } from "../../../core/approval/told-loan.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import { by } from "../../../core/encoding/text-order.ts";
import type { ShownPromotion } from "../api/contract.ts";
import type { NamedRole } from "../decision/standing.ts";
import type { Reviewer } from "../session/session.ts";

export type ShownLoan = NonNullable<ShownPromotion["loan"]>;
export type ShownRequest = OpenRequest<ShownLoan["requests"][number]>;

/** What the reader may do about a loan. The service judges again; this only saves a sign-in for nothing. */
export interface Lending {
  readonly roles: readonly NamedRole[];
  readonly maximumSeconds: number;
  /** Of others: those that the reader could confirm. */
  readonly requests: readonly ShownRequest[];
  /** Why nothing is lent at the moment, whoever asks. */
  readonly nothing?: string;
  /** The reader has approved in this review, and so cannot lend. */
  readonly approved: boolean;
  /** The reader has confirmed one of them: there is nothing for them to do until it is lent. */
  readonly confirmed: boolean;
}

/** Requests that wait for a second lender; none where no stage is open. */
export function requestsOf({ loan, status, signOffContext }: ShownPromotion, now: Instant): readonly ShownRequest[] {
  return loan === undefined || status !== "in-review" ? [] : openRequests(loan, signOffContext?.review, now);
}

/** `undefined` where nothing is lent at the moment, or not by the reader. */
export function lendingOf(promotion: ShownPromotion, reviewer: Reviewer, now: Instant): Lending | undefined {
  const { requirements, signOffContext, status, loan, signOffs } = promotion;
  const { rule, roles } = requirements.document;
  if (rule.loan === undefined || signOffContext === undefined || status !== "in-review") return undefined;
  if (loan?.given !== undefined) return undefined;
  const held = rule.loan.roles.filter((role) => givesRole(roles, role, reviewer));
  if (held.length === 0) return undefined;
  const decided = signOffs.filter((signOff) => signOff.own === true).toSorted(by(({ recordedAt }) => recordedAt));
  const latest = new Map(decided.map(({ stage, result }) => [stage, result]));
  const requests = requestsOf(promotion, now).filter(({ request }) => request.own !== true);
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
