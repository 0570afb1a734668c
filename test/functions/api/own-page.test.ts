import { describe, expect, it } from "vitest";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { ownPage, type Page, readCursor, writeCursor } from "../../../functions/api/read-promotions/own-page.ts";
import { now, promotionInReview } from "../../core/promotion/promotion-in-review.ts";

/** Promotions of which some are the reader's own, two of each second or more, the newest first. */
function made(count: number, isOwn: (at: number) => boolean, eachSecond = 2) {
  const all = Array.from({ length: count }, (_, at): Promotion => {
    const id = `p-${String(at).padStart(32, "0")}-1` as PromotionId;
    return promotionInReview({
      id,
      submittedAt: addSeconds(now, -Math.floor(at / eachSecond)),
      attempt: isOwn(at) ? 1 : 2,
    });
  });
  return { all, own: all.filter(({ attempt }) => attempt === 1).map(({ id }) => id) };
}

/** Reads page after page of a table that answers so many at a time. */
async function listing(all: readonly Promotion[], size: number, atOnce: number) {
  const pages: Page[] = [];
  let [reads, cursor] = [0, undefined as string | undefined];
  do {
    const page = await ownPage(
      ({ attempt }) => attempt === 1,
      { between: {}, size, cursor },
      async ({ until = "9" }, limit, from) => {
        reads += 1;
        const within = all.filter(({ submittedAt }) => submittedAt <= until);
        const begins = from === undefined ? 0 : within.findIndex(({ id }) => id === from) + 1;
        const promotions = within.slice(begins, begins + Math.min(limit, atOnce));
        const last = promotions.at(-1)?.id;
        return { promotions, ...(last === within.at(-1)?.id || last === undefined ? {} : { next: last }) };
      },
    );
    pages.push(page);
    cursor = page.next;
  } while (cursor !== undefined);
  return { pages, reads, ids: pages.flatMap(({ promotions }) => promotions.map(({ id }) => id)) };
}

describe("a listing of what is a pipeline's own", () => {
  it.each([
    [1, 3],
    [3, 7],
    [7, 100],
    [100, 100],
  ])("has each once, the newest first, %i at a time at most where the table reads %i", async (size, atOnce) => {
    const { all, own } = made(90, (at) => at % 5 === 0 || (at > 30 && at < 50));
    const { pages, ids } = await listing(all, size, atOnce);
    expect(ids).toEqual(own);
    expect(pages.every(({ promotions }) => promotions.length <= size)).toBe(true);
  });

  it.each([
    ["all that there is", 6],
    ["followed by others'", 60],
  ])("ends with a page that is full where that is %s", async (_, count) => {
    const { all, own } = made(count, (at) => at < 6);
    const { pages, ids } = await listing(all, 6, 100);
    expect([ids, pages.length]).toEqual([own, 1]);
  });

  it("reads no further than it has to", async () => {
    const { all, own } = made(400, () => true);
    const { pages, reads, ids } = await listing(all, 50, 100);
    expect(ids).toEqual(own);
    expect(reads).toBeLessThanOrEqual(pages.length);
  });

  it.each<[string, (at: number) => boolean, readonly number[]]>([
    ["before what is its own", (at) => at === 2099, [0, 0, 1]],
    ["between what is its own", (at) => at === 0 || at === 2099, [1, 0, 1]],
  ])("reads a thousand of others' over for one page, and goes on behind them: %s", async (_, isOwn, found) => {
    const { all, own } = made(2100, isOwn);
    const { pages, reads, ids } = await listing(all, 5, 100);
    expect([ids, pages.map(({ promotions }) => promotions.length)]).toEqual([own, found]);
    expect(reads).toBeLessThanOrEqual(23);
  });

  it("goes on behind its own where that is the last of the thousand, and shows it once", async () => {
    const { all, own } = made(1500, (at) => at === 999 || at === 1400);
    expect((await listing(all, 5, 100)).ids).toEqual(own);
  });

  it("has what was submitted in the very instant that the thousand end at", async () => {
    const { all, own } = made(1500, (at) => at === 1000, 3);
    expect(all[999]?.submittedAt).toBe(all[1000]?.submittedAt);
    expect((await listing(all, 5, 100)).ids).toEqual(own);
  });

  it.each([
    ["that the thousand end at", 1000, 2],
    ["that the thousand end at, behind as many as a page has", 1000, 1],
    ["that a page ends at", 5, 1],
  ])("has each of an instant once, in whatever order the table tells them: the one %s", async (_, at, size) => {
    const { all } = made(1500, (each) => each === 3 || each === at - 1 || each === at, 3);
    const [one = expect.unreachable(), other = expect.unreachable()] = [all[at - 1], all[at]];
    const told = { ...other, submittedAt: one.submittedAt };
    const turned = all.with(at - 1, told).with(at, one);
    const own = turned.filter(({ attempt }) => attempt === 1).map(({ id }) => id);
    const { ids } = await listing(turned, size, 100);
    expect(ids.toSorted()).toEqual(own.toSorted());
  });

  it("is empty where there is nothing", async () => {
    expect((await listing([], 5, 100)).pages).toEqual([{ promotions: [] }]);
  });
});

describe("a cursor", () => {
  const between = { from: addSeconds(now, -60), until: now };
  const { id } = promotionInReview();
  const told = (at: typeof now, more?: string) =>
    more === undefined ? writeCursor(at) : writeCursor(at, more as PromotionId);

  it.each([between.from, between.until])("is within the time of its listing, both ends included: %s", (at) => {
    expect(readCursor(told(at), between)).toEqual({ at });
    expect(readCursor(told(at, id), between)).toEqual({ at, id });
    expect(readCursor(told(at), {})).toEqual({ at });
  });

  it.each([
    ["before it", told(addSeconds(between.from, -0.001))],
    ["before it, at a promotion", told(addSeconds(between.from, -0.001), id)],
    ["after it", told(addSeconds(now, 0.001))],
    ["at what is no promotion", told(now, "p-1")],
    ["with more behind it", told(now, `${id} more`)],
    ["that is no text", "%"],
  ])("is refused %s", (_, cursor) => {
    expect(() => readCursor(cursor, between)).toThrow("The cursor is not one that a listing gave.");
  });
});
