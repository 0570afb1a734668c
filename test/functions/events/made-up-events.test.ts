import { describe, expect, it } from "vitest";
import { toldFacts } from "../../../infra/constructs/event-listener.ts";
import { now, openStage, promotionInReview } from "../../core/promotion/promotion-in-review.ts";
import { scene } from "./notify-scene.ts";

// Whoever may publish on the bus of facts, or put a message into its queue, says of an event what they like.
describe("an event that somebody made up", () => {
  it.each(toldFacts.filter((type) => type !== "stage-opened"))(
    "tells nobody anything that is not recorded: %s",
    async (type) => {
      const { letters, promotions, hear } = scene();
      await hear(type);
      await hear(type, undefined);
      await hear(type, "p-00000000000000000000000000000009-9");
      expect(letters).toEqual([]);
      expect(promotions.recordedFacts()).toEqual([]);
    },
  );

  it("has nobody asked for a stage that is not open", async () => {
    const decided = promotionInReview({ stage: openStage(0, { open: false }), submittedAt: now });
    const { letters, hear } = scene(decided);
    await hear("stage-opened");
    expect(letters).toEqual([]);
  });
});
