import { addSeconds, type Instant } from "../encoding/instant.ts";
import { loanRequestLifetimeSeconds } from "./loan.ts";

/** A lender's signature as a reader is told of it: as far as it matters which of them still ask for a loan. */
export interface ToldRequest {
  readonly id: string;
  readonly lender: string;
  readonly recordedAt: string;
  /** The id of the signature that it confirms; absent from one that asks. */
  readonly confirms?: string;
  /** Why a confirmation came to nothing. */
  readonly refused?: string;
  /** The review that it was given in. A service of before does not say it. */
  readonly review?: number;
}

/** What a reader is told of a promotion's loan. */
export interface ToldLoan<Request extends ToldRequest> {
  readonly requests: readonly Request[];
  readonly given?: { readonly at: string };
}

/** A request for a loan that still waits for a second lender, or for what their confirmation came to. */
export interface OpenRequest<Request extends ToldRequest> {
  readonly request: Request;
  /** At this instant it is too old. */
  readonly until: Instant;
  /** Who confirmed it, where somebody did: it is about to be lent. */
  readonly confirmedBy?: string;
  /** Who confirmed it and why nothing was lent by that. */
  readonly refused: readonly { readonly by: string; readonly why: string }[];
}

/**
 * The requests of a review that wait for a second lender; none once something is lent.
 *
 * @param review the one that is going on; absent where no stage is open
 */
export function openRequests<Request extends ToldRequest>(
  { requests, given }: ToldLoan<Request>,
  review: number | undefined,
  now: Instant,
): readonly OpenRequest<Request>[] {
  if (given !== undefined) return [];
  return requests
    .filter((request) => request.confirms === undefined && (request.review ?? review) === review)
    .map((request) => ({
      request,
      until: addSeconds(request.recordedAt as Instant, loanRequestLifetimeSeconds),
      ...confirmationOf(request, requests),
    }))
    .filter(({ until }) => now < until);
}

/** The two signatures by which a loan was given; `undefined` where it was not, or they are not told. */
export function lendersTold<Request extends ToldRequest>({ requests, given }: ToldLoan<Request>) {
  const second = requests.find(({ confirms, recordedAt }) => confirms !== undefined && recordedAt === given?.at);
  const first = requests.find(({ id }) => id === second?.confirms);
  return first === undefined || second === undefined ? undefined : { first, second };
}

function confirmationOf({ id }: ToldRequest, requests: readonly ToldRequest[]) {
  const confirmations = requests.filter(({ confirms }) => confirms === id);
  const confirmation = confirmations.find(({ refused }) => refused === undefined);
  return {
    ...(confirmation === undefined ? {} : { confirmedBy: confirmation.lender }),
    refused: confirmations.flatMap(({ lender: by, refused: why }) => (why === undefined ? [] : [{ by, why }])),
  };
}
