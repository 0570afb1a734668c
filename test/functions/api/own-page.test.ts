import { describe, expect, it } from "vitest";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { ownPage, type Page } from "../../../functions/api/read-promotions/own-page.ts";
import { now, promotionInReview } from "../../core/promotion/promotion-in-review.ts";

/** Promotions of which some are the reader's own, two of each second, the newest first. */
function made(count: number, isOwn: (at: number) => boolean) {
  const all = Array.from({ length: count }, (_, at): Promotion => {
    const id = `p-${String(at).padStart(32, "0")}-1` as PromotionId;
    return promotionInReview({ id, submittedAt: addSeconds(now, -Math.floor(at / 2)), attempt: isOwn(at) ? 1 : 2 });
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

  it("reads a thousand of others' over for one page, and goes on behind them", async () => {
    const { all, own } = made(2100, (at) => at === 2099);
    const { pages, reads, ids } = await listing(all, 5, 100);
    expect([ids, pages.map(({ promotions }) => promotions.length)]).toEqual([own, [0, 0, 1]]);
    expect(reads).toBeLessThanOrEqual(23);
  });

  it("is empty where there is nothing", async () => {
    expect((await listing([], 5, 100)).pages).toEqual([{ promotions: [] }]);
  });
});
