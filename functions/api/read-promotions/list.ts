import type { Instant } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import { type Promotion, type Status, statuses } from "../../../core/promotion/promotion.ts";
import { unlessUnreadable } from "../../unreadable-promotion.ts";
import type { ApiRequest } from "../http.ts";
import { maySee, type Reader } from "../readers.ts";
import {
  type After,
  comesAfter,
  mostAtOnce,
  newestFirst,
  ownPage,
  type Page,
  readCursor,
  writeCursor,
} from "./own-page.ts";
import { involves, isWanted, readSearch, type Search, type SubmittedBetween, wantedPerson } from "./search.ts";
import { type StandingPorts, standings } from "./standing.ts";
import { type ListedPromotion, promotionSummary } from "./view.ts";

type ListFilter = SubmittedBetween &
  ({ readonly status: Status } | { readonly model: string; readonly target: string });

export interface ListPorts extends StandingPorts {
  readonly promotions: StandingPorts["promotions"] & {
    /** Newest first. */
    list(filter: ListFilter & { readonly unreadable: "told" }, limit: number, from?: string): Promise<Page>;
  };
}

/**
 * GET /v1/promotions: a page of what the search looks through, without what is not wanted: so it may be short. Of what cannot be read
 * whoever may see everything is told the id; whether others might see it nobody can tell.
 */
export async function listPromotions(
  { query }: ApiRequest,
  reader: Reader,
  ports: ListPorts,
): Promise<{
  readonly promotions: readonly ListedPromotion[];
  readonly unreadable?: readonly string[];
  readonly next?: string;
}> {
  const { limit, cursor } = query;
  const size = limit === undefined ? 50 : Number(limit);
  if (!Number.isInteger(size) || size < 1 || size > 100)
    throw new Failure("invalid-request", "limit is a whole number from 1 to 100.");
  const search = readSearch(query);
  const page = await pageFor(reader, search, { size, cursor }, ports);
  const seen = page.promotions.filter((promotion) => maySee(reader, promotion) && isWanted(promotion, search));
  const found = search.person === undefined ? allRead(seen) : await withPerson(search.person, seen, ports);
  const shown =
    search.standing || search.decided
      ? await listed(found.promotions, search, reader, ports)
      : allRead(found.promotions.map(promotionSummary));
  // Of what the reader may see, and is left out of the list, they are told as well.
  const unreadable = [...(page.unreadable ?? []), ...found.unreadable, ...shown.unreadable];
  return {
    promotions: shown.promotions,
    ...(unreadable.length === 0 ? {} : { unreadable }),
    ...(page.next === undefined ? {} : { next: page.next }),
  };
}

/** What could be read of promotions, and the ids of those about which something that was decided cannot be. */
interface Readable<Listed> {
  readonly promotions: readonly Listed[];
  readonly unreadable: readonly string[];
}

function allRead<Listed>(promotions: readonly Listed[]): Readable<Listed> {
  return { promotions, unreadable: [] };
}

async function listed(
  promotions: readonly Promotion[],
  { decided }: Search,
  reader: Reader,
  ports: ListPorts,
): Promise<Readable<ListedPromotion>> {
  const stand = await standings(promotions, reader, ports);
  return {
    promotions: promotions.flatMap((promotion, at) => {
      const standing = stand[at];
      if (standing === undefined || (decided && standing.decided === undefined)) return [];
      return { ...promotionSummary(promotion), ...standing };
    }),
    unreadable: promotions.flatMap(({ id }, at) => (stand[at] === undefined ? id : [])),
  };
}

async function pageFor(
  reader: Reader,
  search: Search,
  { size, cursor }: { readonly size: number; readonly cursor: string | undefined },
  ports: ListPorts,
): Promise<Page> {
  if (reader.kind === "person" && reader.standsIn === undefined) return pageOf(search, size, cursor, ports);
  // Whether a word finds somebody tells who is in the directory, which is no pipeline's business.
  if (reader.kind === "machine" && search.person !== undefined)
    throw new Failure("forbidden", "A pipeline cannot search for people.");
  const { between } = search;
  return ownPage(
    (promotion) => maySee(reader, promotion),
    { between, size, cursor },
    (range, limit, from) => pageOf({ ...search, between: range }, limit, from, ports),
  );
}

async function pageOf(
  { listed, between }: Search,
  size: number,
  cursor: string | undefined,
  { promotions }: ListPorts,
): Promise<Page> {
  switch (listed.by) {
    case "status":
      return promotions.list({ status: listed.status, ...between, unreadable: "told" }, size, cursor);
    case "model":
      return promotions.list(
        { model: listed.model, target: listed.target, ...between, unreadable: "told" },
        size,
        cursor,
      );
    case "any":
      return newestOfAll(between, size, cursor, promotions);
    default:
      return listed satisfies never;
  }
}

/**
 * The newest of all statuses: no index holds them together. The next page begins with the instant that this one ended
 * at and leaves out what came before the cursor, so that none is lost where two were submitted in one millisecond. Of a
 * status that has more than was read nothing older is known, so nothing older of any other is shown before it.
 */
async function newestOfAll(
  between: SubmittedBetween,
  size: number,
  cursor: string | undefined,
  promotions: ListPorts["promotions"],
): Promise<Page> {
  const after = cursor === undefined ? undefined : readCursor(cursor, between);
  const range = after === undefined ? between : { ...between, until: after.at };
  const pages = await Promise.all(
    statuses.map((status) =>
      readOn((from) => promotions.list({ status, ...range, unreadable: "told" }, size + mostAtOnce, from), after),
    ),
  );
  const unread = pages.flatMap(({ promotions: read, next }) => (next === undefined ? [] : (oldestOf(read) ?? [])));
  const knownFrom = unread.toSorted().at(-1);
  const newest = eachOnce(pages.flatMap((page) => page.promotions))
    .filter((promotion) => comesAfter(promotion, after) && isNewer(promotion, knownFrom))
    .toSorted(newestFirst);
  const shown = newest.slice(0, size);
  const last = shown.at(-1);
  const more = newest.length > size || knownFrom !== undefined;
  return {
    promotions: shown,
    unreadable: [...new Set(pages.flatMap(({ unreadable = [] }) => unreadable))],
    ...(last !== undefined && more ? { next: writeCursor(last.submittedAt, last.id) } : {}),
  };
}

/**
 * A page that brings something after the cursor that is newer than its own end, or comes to the end of all: the table reads
 * no more than 1 MB at a time, however much is asked for, and that may be a few large ones of one instant.
 */
async function readOn(read: (from: string | undefined) => Promise<Page>, after: After | undefined): Promise<Page> {
  const found: Promotion[] = [];
  const unreadable: string[] = [];
  let next: string | undefined;
  do {
    const page = await read(next);
    found.push(...page.promotions);
    unreadable.push(...(page.unreadable ?? []));
    next = page.next;
  } while (next !== undefined && !found.some((each) => comesAfter(each, after) && isNewer(each, oldestOf(found))));
  return { promotions: found, unreadable, ...(next === undefined ? {} : { next }) };
}

/** As it stood last: one that moves on between two reads is in the lists of both statuses. */
function eachOnce(promotions: readonly Promotion[]): readonly Promotion[] {
  const byRevision = promotions.toSorted((a, b) => a.revision - b.revision);
  return [...new Map(byRevision.map((promotion) => [promotion.id, promotion])).values()];
}

function oldestOf(newestFirst: readonly Promotion[]): Instant | undefined {
  return newestFirst.at(-1)?.submittedAt;
}

function isNewer({ submittedAt }: Promotion, than: Instant | undefined): boolean {
  return than === undefined || submittedAt > than;
}

async function withPerson(
  text: string,
  promotions: readonly Promotion[],
  { directory, groups, policy, promotions: store }: ListPorts,
): Promise<Readable<Promotion>> {
  const members = await directory.everybody(groups);
  const wanted = wantedPerson(text, members);
  const isFound = async (promotion: Promotion): Promise<boolean> => {
    const signOffs = await store.signOffs(promotion.id);
    return involves(
      promotion,
      signOffs.map(({ signOff }) => signOff),
      wanted,
      { members, people: policy.people },
    );
  };
  const found = await Promise.all(promotions.map((promotion) => unlessUnreadable(() => isFound(promotion))));
  return {
    promotions: promotions.filter((_, at) => found[at]),
    unreadable: promotions.flatMap(({ id }, at) => (found[at] === undefined ? id : [])),
  };
}
