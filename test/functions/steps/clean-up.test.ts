import { describe, expect, it } from "vitest";
import type { Running } from "../../../core/deployment/deployment-target.ts";
import { type Promotion, statuses } from "../../../core/promotion/promotion.ts";
import { cleanUp } from "../../../functions/steps/clean-up/handler.ts";
import { id, now, openStage, promotionInReview } from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { everyKind, MemoryTarget } from "../memory-target.ts";
import { deploying } from "./watch-scene.ts";

const closed = { stage: openStage(1, { open: false }) };

describe("cleaning up", () => {
  function scene(promotion: Promotion, running: Running = { revision: "p-before" }) {
    const promotions = new MemoryPromotions([promotion]);
    const target = new MemoryTarget(running);
    const removed = target.cleaned;
    const policies = { inForce: async () => undefined };
    const targets = everyKind(target);
    const handler = cleanUp({ now: () => now, watchSeconds: 30, promotions, policies, targets, shadows: {} });
    const run = (failure?: { readonly Error: string; readonly Cause?: string }) =>
      handler({ promotionId: id, ...(failure === undefined ? {} : { failure }) });
    return { promotions, target, removed, run };
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

  it("tells why, where a step of ours said so in a sentence", async () => {
    const { promotions, run } = scene(promotionInReview());
    const said = { errorType: "unavailable", errorMessage: "The cluster does not answer.", trace: ["at deploy.mjs:1"] };
    await run({ Error: "unavailable", Cause: JSON.stringify(said) });
    expect(promotions.stored(id).reason).toBe(
      "A step failed and could not be repeated (unavailable). The cluster does not answer.",
    );
  });

  it.each([
    ["of another's error", "ResourceLimitExceeded", JSON.stringify({ errorMessage: "secret" })],
    ["that is no JSON", "unavailable", "secret"],
    ["without a sentence", "unavailable", JSON.stringify({ errorMessage: { is: "secret" } })],
  ])("tells nothing of a cause %s", async (_, code, cause) => {
    const { promotions, run } = scene(promotionInReview());
    await run({ Error: code, Cause: cause });
    expect(promotions.stored(id).reason).toBe(`A step failed and could not be repeated (${code}).`);
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

  it.each<[string, Running]>([
    ["serves", { revision: id, promotion: id }],
    ["is about to serve", { revision: "p-before", changingTo: id }],
  ])("goes back first where what failed %s", async (_, running) => {
    const { promotions, target, removed, run } = scene({ ...deploying, status: "failed" }, running);
    expect((await refused(run())).code).toBe("unavailable");
    expect(removed).toEqual([]);
    expect(target.rolledBack).toHaveLength(1);
    expect(await run()).toEqual({ outcome: "cleaned", status: "failed" });
    expect(promotions.stored(id).history.map(({ type }) => type)).toEqual(["clean-up"]);
  });

  it("lets what ran before serve again where the endpoint failed under it, in as many steps as that takes", async () => {
    const { target, removed, run } = scene(deploying, { revision: "p-before", broken: "It could not be updated." });
    const failure = { Error: "States.TaskFailed" };
    target.rollBack = async (deployment) => {
      target.rolledBack.push(deployment);
      target.running = target.running.broken === undefined ? { changingTo: "p-before" } : {};
    };
    expect((await refused(run(failure))).code).toBe("unavailable");
    expect((await refused(run(failure))).code).toBe("unavailable");
    expect(removed).toEqual([]);
    expect(target.running).toEqual({ changingTo: "p-before" });
    expect(await run(failure)).toEqual({ outcome: "cleaned", status: "failed" });
  });

  it("brings nothing back that somebody removed by hand", async () => {
    const { target, run } = scene({ ...deploying, status: "failed" }, {});
    expect(await run()).toEqual({ outcome: "cleaned", status: "failed" });
    expect(target.rolledBack).toEqual([]);
  });

  it("comes again where something is left", async () => {
    const { promotions, target, run } = scene(promotionInReview({ status: "rejected" }));
    target.left = ["model x"];
    expect(await refused(run())).toEqual({ code: "unavailable", sentence: "Still there after the clean-up: model x." });
    expect(promotions.moves).toEqual([]);
  });
});
