import { describe, expect, it } from "vitest";
import { plainRelease } from "../../../core/deployment/release.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { deploymentOf, orderOf } from "../../../functions/steps/order.ts";
import { now, promotionInReview } from "../../core/promotion/promotion-in-review.ts";
import { environment, image, model } from "./deployment-scene.ts";

const deployment = { startedAt: now, serves: { image, model }, release: plainRelease("nothing") };
const staged = { model: addSeconds(now, -60), configuration: addSeconds(now, -59) };

describe("when what serves was made", () => {
  const known = async (over: Partial<Promotion>) => {
    const promotion = promotionInReview(over);
    const order = await orderOf(promotion, "artifacts", async () => environment);
    return [order, deploymentOf(promotion)].map((of) => [of?.staged, of?.stagedBefore]);
  };

  it("is as staging kept it, to whoever starts it, looks at it or puts it back", async () => {
    expect(await known({ status: "deployed", staged, deployment })).toEqual([
      [staged, undefined],
      [staged, undefined],
    ]);
  });

  it("was before its deployment began, where that was not kept yet", async () => {
    expect(await known({ status: "deployed", deployment })).toEqual([
      [undefined, now],
      [undefined, now],
    ]);
  });

  it("is not known of what was staged before that was kept, until it is deployed", async () => {
    expect(await known({ status: "approved" })).toEqual([
      [undefined, undefined],
      [undefined, undefined],
    ]);
  });
});
