import { expect, it } from "vitest";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import type { PromotionLists } from "../../../functions/running/what-runs.ts";
import { servedMost } from "../../../functions/running/who-served.ts";
import { digestOf, now, promotionInReview } from "../../core/promotion/promotion-in-review.ts";
import { deployedPromotion } from "../api/deployed-promotion.ts";

const running = deployedPromotion();
const { startedAt } = running.deployment ?? { startedAt: now };
const blocked = Array.from({ length: 2000 }, (_, at) =>
  promotionInReview({
    id: promotionId(digestOf(`blocked ${at}`), 1),
    status: "blocked",
    submittedAt: addSeconds(running.submittedAt, -at - 1),
  }),
);

/** As the table lists them, a page at a time. */
function listing(newestFirst: readonly (typeof running)[]) {
  let pages = 0;
  const list: PromotionLists["list"] = async (_lane, limit, from = "0") => {
    pages += 1;
    const next = Number(from) + limit;
    const promotions = newestFirst.slice(Number(from), next);
    return { promotions, ...(next < newestFirst.length ? { next: String(next) } : {}) };
  };
  return { lists: { list }, pages: () => pages };
}

it("is what was deployed first, of a day of which an hour lay before, without reading all that was tried until then", async () => {
  const { lists, pages } = listing([running, ...blocked]);
  const window = { from: addSeconds(startedAt, -3600), until: addSeconds(startedAt, 82_800) };
  expect((await servedMost(lists, running, window))?.id).toBe(running.id);
  expect(pages()).toBeLessThanOrEqual(51);
});

it("is nothing of a time before anything was deployed, and what runs where the last five hundred do not tell", async () => {
  const window = { from: addSeconds(startedAt, -7200), until: addSeconds(startedAt, -3600) };
  expect(await servedMost(listing([running, ...blocked.slice(0, 20)]).lists, running, window)).toBeUndefined();
  expect((await servedMost(listing([running, ...blocked]).lists, running, window))?.id).toBe(running.id);
});
