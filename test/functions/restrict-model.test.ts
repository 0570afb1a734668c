import { describe, expect, it } from "vitest";
import { addSeconds } from "../../core/encoding/instant.ts";
import type { Promotion } from "../../core/promotion/promotion.ts";
import { type PromotionId, promotionId } from "../../core/promotion/promotion-id.ts";
import { openReapproval } from "../../functions/restrict-model.ts";
import { digestOf, now, policy, promotionInReview } from "../core/promotion/promotion-in-review.ts";
import { deployedPromotion } from "./api/deployed-promotion.ts";
import { restriction } from "./approved-promotion.ts";
import { MemoryPromotions } from "./memory-promotions.ts";

const reapproval = promotionId(digestOf("again"), 1);
const frozen = [{ name: "model.json", key: "frozen/model", versionId: "v1" }];
const drifted = deployedPromotion({ status: "restricted", frozen, restriction: restriction({ reapproval }) });
const later = { id: promotionId(digestOf("newer"), 1), submittedAt: addSeconds(drifted.submittedAt, 60) };

function scene(...others: readonly Promotion[]) {
  const promotions = new MemoryPromotions([drifted, ...others]);
  const started: PromotionId[] = [];
  const open = openReapproval({ now: () => now, policy, promotions, start: async (id) => void started.push(id) });
  return { promotions, started, open: () => open(drifted) };
}

describe("the approval that a restriction names", () => {
  it("is opened by whoever finds that it is not there, and once", async () => {
    const { promotions, started, open } = scene();
    await open();
    expect(promotions.stored(reapproval)).toMatchObject({
      ...{ status: "gating", submittedAt: now, reapproves: { promotion: drifted.id, frozen } },
      history: [{ type: "request", body: { reapproves: drifted.id } }],
    });
    await open();
    // Whether its execution was begun is not known before it has frozen anything.
    expect(started).toEqual([reapproval, reapproval]);
    promotions.put({ ...promotions.stored(reapproval), frozen });
    await open();
    expect(started).toHaveLength(2);
  });

  it.each<[string, Promotion]>([
    ["is on its way", promotionInReview(later)],
    ["was deployed", deployedPromotion(later)],
  ])("is not opened in the place of what was submitted since and %s", async (_, newer) => {
    const { promotions, started, open } = scene(newer);
    await open();
    expect([promotions.all().length, started]).toEqual([2, []]);
  });
});
