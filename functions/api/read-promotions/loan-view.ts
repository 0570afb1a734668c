import type { RecordedLoan } from "../../../core/attestation/recorded-loan.ts";
import { by } from "../../../core/encoding/text-order.ts";
import { type Identity, sameIdentity } from "../../../core/promotion/identity.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";

/** What lenders signed about a promotion, and the loan that they gave. */
export interface LoanView {
  /** In the order of recording; one that confirms another names it. */
  readonly requests: readonly {
    readonly id: string;
    readonly lender: string;
    /** The reader signed it: two people may have one name. */
    readonly own?: true;
    readonly role: string;
    readonly seconds: number;
    readonly incident: string;
    readonly reason: string;
    readonly confirms?: string;
    /** Why nothing was lent by it, of one that confirms another. */
    readonly refused?: string;
    /** Which review of the promotion it belongs to; nothing is lent by it in a later one. */
    readonly review: number;
    readonly recordedAt: string;
  }[];
  /** Absent while nothing is lent. */
  readonly given?: {
    readonly at: string;
    readonly until: string;
    readonly runningSince?: string;
    readonly ratifiedAt?: string;
    readonly takenBackAt?: string;
  };
}

/** `undefined` where nobody ever asked for a loan. */
export function loanView(
  { loan, history }: Promotion,
  recorded: readonly RecordedLoan[],
  reader: Identity | undefined,
): LoanView | undefined {
  if (recorded.length === 0) return undefined;
  const refusals = new Map(
    history.flatMap(({ type, body, summary }) =>
      type === "loan-refused" ? [[String(body["signature"]), summary] as const] : [],
    ),
  );
  const requests = recorded
    .map(({ signature }) => signature)
    // Whoever confirms comes after whoever asked, also where the clock did not move between them.
    .toSorted(by(rank))
    .map(({ id, reviewer, reviewerName, role, terms, reason, confirms, review, recordedAt }) => ({
      id,
      lender: reviewerName,
      ...(isReader(reviewer, reader) ? { own: true as const } : {}),
      role,
      seconds: terms.seconds,
      incident: terms.incident,
      reason,
      ...(confirms === undefined ? {} : { confirms }),
      ...refusedAs(refusals.get(id)),
      review,
      recordedAt,
    }));
  if (loan === undefined) return { requests };
  const { at, until, runningSince, ratifiedAt, takenBackAt } = loan;
  return {
    requests,
    given: {
      at,
      until,
      ...(runningSince === undefined ? {} : { runningSince }),
      ...(ratifiedAt === undefined ? {} : { ratifiedAt }),
      ...(takenBackAt === undefined ? {} : { takenBackAt }),
    },
  };
}

function refusedAs(refused: string | undefined): { readonly refused?: string } {
  return refused === undefined ? {} : { refused };
}

/** Whether the reader, where that is a person, is somebody. */
export function isReader(somebody: Identity, reader: Identity | undefined): boolean {
  return reader !== undefined && sameIdentity(somebody, reader);
}

function rank({ recordedAt, confirms, id }: RecordedLoan["signature"]): string {
  return `${recordedAt} ${confirms === undefined ? 0 : 1} ${id}`;
}
