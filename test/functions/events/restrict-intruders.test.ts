import { expect, it } from "vitest";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { type RestrictPorts, restrict } from "../../../functions/events/restrict/handler.ts";
import { now, policy } from "../../core/promotion/promotion-in-review.ts";
import { approvedPromotion } from "../approved-promotion.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { mock } from "../mock.ts";

const [older, newer] = await Promise.all([approvedPromotion("1.3.0"), approvedPromotion("1.4.0")]);
const deployed = { ...older.promotion, status: "deployed" } as const;
const since = {
  ...newer.promotion,
  status: "deployed",
  submittedAt: addSeconds(deployed.submittedAt, 60),
} as const;

/** Of which promotions it was asked what had been found in their place, once a fact is in the ledger. */
async function askedAfter(type: string, promotionId: unknown, there: readonly Promotion[]): Promise<readonly string[]> {
  const promotions = new MemoryPromotions(there);
  const asked: PromotionId[] = [];
  const ports = mock<RestrictPorts>("ports", {
    now: () => now,
    promotions: mock<RestrictPorts["promotions"]>("promotions", {
      load: promotions.load,
      list: promotions.list,
      move: promotions.move,
      factsUnder: async (id) => {
        asked.push(id);
        return [];
      },
    }),
    policies: { matrix: policy.matrix, machines: [], targets: {} },
  });
  await restrict(ports)({ "detail-type": "Countersign Fact Recorded", detail: { promotionId, type } });
  return asked;
}

it("what was found in its place is seen to at once, where it is what should run there", async () => {
  expect(await askedAfter("intruder-found", deployed.id, [deployed])).toEqual([deployed.id]);
});

it.each<[string, string, unknown, readonly Promotion[]]>([
  ["another fact", "deployed", deployed.id, [deployed]],
  ["what was found before a newer one was deployed", "intruder-found", deployed.id, [deployed, since]],
  [
    "what was found where nothing of ours should run",
    "intruder-found",
    deployed.id,
    [{ ...deployed, status: "failed" }],
  ],
  ["a promotion that is not there", "intruder-found", since.id, [deployed]],
  ["what names none", "intruder-found", "installation", [deployed]],
  ["what names nothing at all", "intruder-found", undefined, [deployed]],
])("nothing is put back after %s", async (_, type, promotionId, there) => {
  expect(await askedAfter(type, promotionId, there)).toEqual([]);
});
