import { base64url, fromBase64url } from "../../../core/encoding/base64.ts";
import { fromUtf8, utf8 } from "../../../core/encoding/bytes.ts";
import { type Instant, isInstant } from "../../../core/encoding/instant.ts";
import { compareText } from "../../../core/encoding/text-order.ts";
import { Failure } from "../../../core/failure.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { isPromotionId, type PromotionId } from "../../../core/promotion/promotion-id.ts";
import type { SubmittedBetween } from "./search.ts";

/** A page of promotions, and where the next begins. */
export interface Page {
  readonly promotions: readonly Promotion[];
  /** The ids of those that cannot be read. */
  readonly unreadable?: readonly string[];
  readonly next?: string;
}

/** Where a listing goes on: with whatever was submitted before an instant, and at it with those that follow an id, or all. */
export interface After {
  readonly at: Instant;
  readonly id?: PromotionId;
}

/** More than were ever submitted in one millisecond and are of one kind. */
export const mostAtOnce = 10;
/** What is read over for one page: a pipeline that submits rarely goes on from page to page. */
const readAtOnce = 100;
const mostReads = 10;

/**
 * A page of the promotions that are a pipeline's own, or that somebody stands in for, the newest first. What is others' is read over, and nothing that comes out tells
 * of it but an instant at which something was submitted: no cursor is another's id.
 */
export async function ownPage(
  isOwn: (promotion: Promotion) => boolean,
  { between, size, cursor }: { between: SubmittedBetween; size: number; cursor: string | undefined },
  read: (between: SubmittedBetween, limit: number, from: string | undefined) => Promise<Page>,
): Promise<Page> {
  const after = cursor === undefined ? undefined : readCursor(cursor, between);
  const range = after === undefined ? between : { ...between, until: after.at };
  const found: Promotion[] = [];
  let from: string | undefined;
  let last: Instant | undefined;
  for (let reads = 0; reads < mostReads; reads += 1) {
    const page = await read(range, readAtOnce, from);
    found.push(...page.promotions.filter((each) => isOwn(each) && comesAfter(each, after)));
    last = page.promotions.at(-1)?.submittedAt ?? last;
    from = page.next;
    if (from === undefined || found.length >= size + mostAtOnce) break;
  }
  // Where there is more to be read, another may be of the instant at which reading ended, before or behind those that were found of it.
  const own = found.filter(({ submittedAt }) => from === undefined || last !== submittedAt).toSorted(newestFirst);
  const shown = own.slice(0, size);
  const end = shown.at(-1);
  if (end !== undefined && own.length > size) return { promotions: shown, next: writeCursor(end.submittedAt, end.id) };
  return { promotions: shown, ...(from === undefined || last === undefined ? {} : { next: writeCursor(last) }) };
}

/** Whether a promotion is beyond where a page ended. */
export function comesAfter({ submittedAt, id }: Promotion, after: After | undefined): boolean {
  if (after === undefined || submittedAt < after.at) return true;
  return submittedAt === after.at && (after.id === undefined || id > after.id);
}

/** The newest first, and by their ids what was submitted in one millisecond. */
export function newestFirst(a: Promotion, b: Promotion): number {
  return compareText(b.submittedAt, a.submittedAt) || compareText(a.id, b.id);
}

export function writeCursor(at: Instant, id?: PromotionId): string {
  return base64url(utf8(id === undefined ? at : `${at} ${id}`));
}

/** Throws `invalid-request` for what no listing of this time gives as a cursor. */
export function readCursor(text: string, { from, until }: SubmittedBetween): After {
  const [at, id, ...more] = plain(text).split(" ");
  const within = isInstant(at) && (from === undefined || at >= from) && (until === undefined || at <= until);
  if (within && id === undefined) return { at };
  if (within && isPromotionId(id) && more.length === 0) return { at, id };
  throw new Failure("invalid-request", "The cursor is not one that a listing gave.");
}

function plain(text: string): string {
  try {
    return fromUtf8(fromBase64url(text));
  } catch {
    return "";
  }
}
