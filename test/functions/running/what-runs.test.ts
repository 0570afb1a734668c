import { expect, it } from "vitest";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Promotion, Status } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { deployedBefore, laneOf, type PromotionLists, surveyLane } from "../../../functions/running/what-runs.ts";
import { now, promotionInReview } from "../../core/promotion/promotion-in-review.ts";

const base = promotionInReview();
const lane = laneOf(base);
const submitted = (at: number, status: Status): Promotion => ({
  ...base,
  id: `p-${String(at).padStart(32, "0")}-1` as PromotionId,
  submittedAt: addSeconds(now, at),
  status,
});

/** As the table lists them, and what each page was asked for. */
function listing(newestFirst: readonly Promotion[]) {
  const asked: (readonly Status[] | undefined)[] = [];
  const list: PromotionLists["list"] = async ({ among }, limit, from = "0") => {
    asked.push(among);
    const rest = newestFirst.slice(Number(from));
    if (among !== undefined) return { promotions: rest.filter(({ status }) => among.includes(status)) };
    const next = Number(from) + limit;
    return { promotions: rest.slice(0, limit), ...(next < newestFirst.length ? { next: String(next) } : {}) };
  };
  return { asked, lists: { list } };
}

const failed = Array.from({ length: 1000 }, (_, at) => submitted(2000 - at, at % 2 === 0 ? "blocked" : "rejected"));
const deployed = submitted(20, "deployed");
const former = submitted(10, "deployed");

it("finds what runs beyond a thousand that came to nothing, without reading them", async () => {
  const { asked, lists } = listing([submitted(2001, "in-review"), ...failed, submitted(30, "deploying"), deployed]);
  const survey = await surveyLane(lists, lane);
  expect(survey).toMatchObject({
    running: { id: deployed.id },
    newer: { status: "in-review" },
    released: { status: "deploying" },
  });
  expect(asked).toHaveLength(2);
  expect(asked[1]).not.toContain("blocked");
});

it("asks for one page, and all of it, where what runs is among the newest", async () => {
  const { asked, lists } = listing([submitted(2001, "gating"), deployed, ...failed]);
  expect((await surveyLane(lists, lane)).running?.id).toBe(deployed.id);
  expect(asked).toEqual([undefined]);
});

it("finds what was deployed before, beyond a thousand that came to nothing", async () => {
  const { asked, lists } = listing([deployed, ...failed, former]);
  const found: PromotionId[] = [];
  for await (const { id } of deployedBefore(lists, deployed)) found.push(id);
  expect(found).toEqual([former.id]);
  expect(asked).toEqual([undefined, ["deployed"]]);
});
