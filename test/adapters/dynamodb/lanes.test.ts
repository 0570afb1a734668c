import { describe, expect, it } from "vitest";
import { claimLane, settledLane } from "../../../core/promotion/lane.ts";
import { promotionInReview } from "../../core/promotion/promotion-in-review.ts";
import { open } from "./tables.ts";

const base = promotionInReview();

describe("the lane of a model and a target", () => {
  it("is written by one of two who write it at once, and stands in no list of promotions", async () => {
    const { lanes, promotions } = await open();
    expect(await lanes.load("credit-scoring", "production")).toBeUndefined();
    const claim = claimLane(undefined, base);
    const lane = claim.kind === "head" ? claim.lane : expect.unreachable();
    const move = () => lanes.move("credit-scoring", "production", lane);
    expect((await Promise.all([move(), move()])).toSorted()).toEqual(["lost", "moved"]);
    expect(await lanes.load("credit-scoring", "production")).toEqual(lane);
    expect(await lanes.move("credit-scoring", "production", settledLane(lane))).toBe("moved");
    expect(await lanes.move("credit-scoring", "production", settledLane(lane))).toBe("lost");
    expect(await promotions.list({ model: "credit-scoring", target: "production" }, 10)).toEqual({ promotions: [] });
  });
});
