import { describe, expect, it } from "vitest";
import type { ApprovalPolicy } from "../../../core/approval/promotion-approval.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { openedAt, openStage, policy, promotionInReview } from "../../core/promotion/promotion-in-review.ts";
import { hoursOn, reminders, scene } from "./remind-scene.ts";

/** What a deployment brings: the rule of the promotion gives people less time. */
const next: ApprovalPolicy = {
  ...policy,
  matrix: {
    ...policy.matrix,
    reminders,
    rules: policy.matrix.rules.map((rule) => ({ ...rule, expiresAfterSeconds: rule.expiresAfterSeconds - 1 })),
  },
};
const inReview = (over: Partial<Promotion> = {}) => promotionInReview({ stage: openStage(1), ...over });

describe("a review whose requirements changed, and which nobody has sent back", () => {
  it("is what decide hears of, by a revision that tells of nothing, and nobody is reminded of it", async () => {
    const promotion = inReview();
    const { promotions, runAt } = scene({ promotion, over: { policy: next }, asksFirst: false });
    expect(await runAt(hoursOn(4))).toEqual([]);
    expect(promotions.moves).toEqual([{ ...promotion, revision: promotion.revision + 1 }]);
  });

  it("is so at once, also where nothing else is due", async () => {
    const { promotions, runAt } = scene({ promotion: inReview(), over: { policy: next }, asksFirst: false });
    await runAt(addSeconds(openedAt, 60));
    expect(promotions.moves).toHaveLength(1);
  });

  it.each<[string, Promotion]>([
    ["has no stage open, which is asked before one is", inReview({ stage: { ...openStage(1), open: false } })],
    ["runs on loan, and does not go back", inReview({ status: "loaned" })],
    ["is decided since it was listed", inReview({ status: "approved" })],
  ])("is left alone where it %s", async (_, promotion) => {
    const { promotions, runAt } = scene({ promotion, over: { policy: next }, asksFirst: false });
    await runAt(hoursOn(4));
    expect(promotions.moves).toEqual([]);
  });
});

it("a review under the requirements in force is moved by nobody who reminds", async () => {
  const { promotions, runAt } = scene();
  expect(await runAt(hoursOn(4))).toHaveLength(3);
  expect(promotions.moves).toEqual([]);
});
