import { describe, expect, it } from "vitest";
import { type Promotion, statuses } from "../../../core/promotion/promotion.ts";
import { type CleanUpPorts, cleanUp } from "../../../functions/steps/clean-up/handler.ts";
import { type WatchDeploymentPorts, watchDeployment } from "../../../functions/steps/watch-deployment/handler.ts";
import { id, now, openStage, promotionInReview } from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { MemoryPromotions } from "../memory-promotions.ts";

const closed = { stage: openStage(1, { open: false }) };

describe("watching a deployment", () => {
  type State = Awaited<ReturnType<WatchDeploymentPorts["target"]["state"]>>;
  function scene(state: State, promotion: Promotion = promotionInReview({ ...closed, status: "deploying" })) {
    const promotions = new MemoryPromotions([promotion]);
    const handler = watchDeployment({
      now: () => now,
      watchSeconds: 30,
      promotions,
      target: { state: async () => state },
    });
    return { promotions, run: () => handler({ promotionId: id }) };
  }

  it("looks again while the endpoint is on its way", async () => {
    const { promotions, run } = scene({ kind: "busy", configName: id });
    expect(await run()).toEqual({ outcome: "watching", seconds: 30 });
    expect(promotions.moves).toEqual([]);
  });

  it("ends when the endpoint serves the approved model", async () => {
    const { promotions, run } = scene({ kind: "in-service", configName: id, why: undefined });
    expect(await run()).toEqual({ outcome: "deployed" });
    expect(promotions.stored(id)).toMatchObject({ status: "deployed", history: [{ type: "deployed" }] });
    expect(await run()).toEqual({ outcome: "deployed" });
    expect(promotions.moves).toHaveLength(1);
  });

  it("writes down why the endpoint went back", async () => {
    const { promotions, run } = scene({ kind: "in-service", configName: "p-before", why: "The alarm 5xx went off." });
    expect(await run()).toEqual({ outcome: "rolled-back" });
    expect(promotions.stored(id)).toMatchObject({
      status: "rolled-back",
      reason: "The endpoint 'credit-scoring' went back to the model before: The alarm 5xx went off.",
    });
  });

  it.each<State>([{ kind: "absent" }, { kind: "failed", why: "no capacity" }])(
    "says that the endpoint is $kind",
    async (state) => {
      const { promotions, run } = scene(state);
      expect((await refused(run())).code).toBe("deployment-refused");
      expect(promotions.moves).toEqual([]);
    },
  );
});

describe("cleaning up", () => {
  function scene(promotion: Promotion, over: Partial<CleanUpPorts["target"]> = {}) {
    const promotions = new MemoryPromotions([promotion]);
    const removed: string[] = [];
    const target: CleanUpPorts["target"] = {
      state: async () => ({ kind: "in-service", configName: "p-before" }),
      remove: async (promotionId) => {
        removed.push(promotionId);
        return [`model ${promotionId}`];
      },
      remains: async () => [],
      ...over,
    };
    const handler = cleanUp({ now: () => now, promotions, target });
    const run = (failure?: { readonly Error: string; readonly Cause?: string }) =>
      handler({ promotionId: id, ...(failure === undefined ? {} : { failure }) });
    return { promotions, removed, run };
  }
  const ends = ["blocked", "rejected", "expired", "withdrawn", "superseded", "rolled-back", "failed"] as const;

  it.each(ends)("removes what was staged for a promotion that is %s", async (status) => {
    const { promotions, removed, run } = scene(promotionInReview({ ...closed, status }));
    expect(await run()).toEqual({ outcome: "cleaned", status });
    expect(removed).toEqual([id]);
    expect(promotions.stored(id)).toMatchObject({
      status,
      history: [{ type: "clean-up", summary: `Cleaned up; removed: model ${id}.` }],
    });
  });

  it("done twice is written down once", async () => {
    const { promotions, run } = scene(promotionInReview({ status: "rejected" }));
    await run();
    await run();
    expect(promotions.moves).toHaveLength(1);
  });

  it("records the failure first, by its name and not by its cause", async () => {
    const { promotions, run } = scene(promotionInReview());
    expect(await run({ Error: "States.TaskFailed", Cause: "secret" })).toEqual({
      outcome: "cleaned",
      status: "failed",
    });
    expect(promotions.moves.map(({ status }) => status)).toEqual(["failed", "failed"]);
    expect(promotions.stored(id).reason).toBe("A step failed and could not be repeated (States.TaskFailed).");
    expect(JSON.stringify(promotions.stored(id))).not.toContain("secret");
  });

  it("keeps the end that a promotion had come to before the failure", async () => {
    const { promotions, run } = scene(promotionInReview({ status: "withdrawn" }));
    expect(await run({ Error: "not-in-review" })).toEqual({ outcome: "cleaned", status: "withdrawn" });
    expect(promotions.stored(id).status).toBe("withdrawn");
  });

  it.each(statuses.filter((status) => !ends.some((end) => end === status)))(
    "removes nothing of a promotion that is %s",
    async (status) => {
      const { removed, run } = scene(promotionInReview({ status }));
      expect((await refused(run())).code).toBe("conflict");
      expect(removed).toEqual([]);
    },
  );

  it("removes nothing that still serves", async () => {
    const { removed, run } = scene(promotionInReview({ status: "failed" }), {
      state: async () => ({ kind: "in-service", configName: id }),
    });
    expect((await refused(run())).code).toBe("conflict");
    expect(removed).toEqual([]);
  });

  it("comes again where something is left", async () => {
    const { promotions, run } = scene(promotionInReview({ status: "rejected" }), { remains: async () => ["model x"] });
    expect(await refused(run())).toEqual({ code: "unavailable", sentence: "Still there after the clean-up: model x." });
    expect(promotions.moves).toEqual([]);
  });
});
