import { describe, expect, it } from "vitest";
import type { ApprovalPolicy } from "../../../core/approval/promotion-approval.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { expire } from "../../../functions/steps/expire/handler.ts";
import { openStage as openStageStep } from "../../../functions/steps/open-stage/handler.ts";
import { givenSignOff } from "../../core/attestation/given-sign-off.ts";
import {
  cora,
  everybody,
  expiresAt,
  id,
  now,
  openStage,
  policiesWithoutRule,
  policy,
  promotionAtTheGates,
  promotionInReview,
  stricterPolicy,
} from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { Crashed, crashing } from "../crash.ts";
import { keptRequirements } from "../kept-requirements.ts";
import { MemoryDelegations } from "../memory-delegations.ts";
import { memoryDirectory } from "../memory-directory.ts";
import { MemoryLoanBooks } from "../memory-loan-books.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { gates, settled } from "./review-scene.ts";

/** What a review is judged with before it begins anew. */
const judging = {
  blobs: keptRequirements(),
  delegations: new MemoryDelegations(),
  directory: memoryDirectory(everybody),
};

describe("opening a stage", () => {
  function scene(promotion: Promotion, clock: Instant = now, inForce: ApprovalPolicy = policy) {
    const promotions = new MemoryPromotions([promotion]);
    const kept: { readonly token: string; readonly deadline: Instant }[] = [];
    const ports = {
      ...judging,
      now: () => clock,
      promotions,
      tokens: { keep: async (_: string, token: string, end: Instant) => void kept.push({ token, deadline: end }) },
      policy: inForce,
    };
    return {
      promotions,
      kept,
      ports,
      run: (taskToken = "token-1", waits: { readonly seconds?: number } = {}) =>
        openStageStep(ports)({ promotionId: id, taskToken, ...waits }),
    };
  }

  it("lets the first stage's people in, until its own deadline", async () => {
    const { promotions, kept, run } = scene(promotionAtTheGates({ gates }));
    await run();
    expect(promotions.stored(id)).toMatchObject({
      status: "in-review",
      stage: { index: 0, name: "compliance", round: 1, openedAt: now, deadline: addSeconds(now, 86_400), open: true },
      history: [{ type: "stage-opened", summary: "The stage 'compliance' (1 of 2) is open." }],
    });
    expect(kept).toEqual([{ token: "token-1", deadline: expiresAt }]);
  });

  it("gives no stage more time than the promotion has", async () => {
    const late = addSeconds(expiresAt, -60);
    const { promotions, run } = scene(promotionAtTheGates({ gates }), late);
    await run();
    expect(promotions.stored(id).stage?.deadline).toBe(expiresAt);
  });

  it.each([
    ["its first", promotionAtTheGates({ gates }), "The promotion expired before its review opened."],
    [
      "its next",
      promotionInReview({ settled, stage: openStage(0, { open: false }) }),
      "The promotion expired before its next stage opened.",
    ],
  ])(
    "opens none once the promotion's time is over: nobody is asked for %s, and it ends expired",
    async (_, promotion, reason) => {
      const { promotions, ports, run } = scene(promotion, expiresAt);
      expect(await refused(run())).toMatchObject({
        ...{ code: "not-in-review", sentence: "The promotion's time is over; no stage is opened any more." },
      });
      expect(promotions.moves).toEqual([]);
      expect(await expire({ ...ports, loanBooks: new MemoryLoanBooks() })({ promotionId: id })).toEqual({
        outcome: "expired",
      });
      expect(promotions.stored(id)).toMatchObject({ status: "expired", reason });
      await scene(promotion, addSeconds(expiresAt, -1)).run();
    },
  );

  it("opens the next stage after one that is settled", async () => {
    const { promotions, run } = scene(promotionInReview({ settled, stage: openStage(0, { open: false }) }));
    await run();
    expect(promotions.stored(id).stage).toMatchObject({ index: 1, name: "model and operations", round: 1 });
  });

  it("counts the rounds of a stage that is opened again", async () => {
    const { promotions, run } = scene(promotionAtTheGates({ gates }));
    await run();
    promotions.put({ ...promotions.stored(id), stage: openStage(0, { open: false }) });
    await run("token-2");
    expect(promotions.stored(id).stage?.round).toBe(2);
  });

  it("that is open keeps the new token and changes nothing else", async () => {
    const { promotions, kept, run } = scene(promotionInReview());
    await run("token-2");
    expect(kept.map(({ token }) => token)).toEqual(["token-2"]);
    expect(promotions.moves).toEqual([]);
  });

  it.each(["in-review", "loaned"] as const)(
    "waits for none that is over (%s), as where its execution was redriven: nobody would end it in time",
    async (status) => {
      const deadline = addSeconds(now, 3600);
      const open = promotionInReview({ status, stage: openStage(0, { deadline }) });
      const at = (seconds: number) => refused(scene(open, addSeconds(now, seconds)).run());
      expect(await at(3600)).toMatchObject({ code: "not-in-review", sentence: expect.stringContaining("is over") });
      await scene(open, addSeconds(now, 3599)).run();
    },
  );

  it.each(["in-review", "loaned"] as const)(
    "is waited for until its end (%s), and no longer where its execution was redriven: what is left is reckoned anew",
    async (status) => {
      const open = promotionInReview({ status, stage: openStage(0, { deadline: addSeconds(now, 3600) }) });
      const redriven = scene(open, addSeconds(now, 1800));
      expect(await refused(redriven.run("token-2", { seconds: 3600 }))).toMatchObject({
        ...{ code: "not-in-review", sentence: expect.stringContaining("what is left of its time is reckoned anew") },
      });
      expect(redriven.promotions.moves).toEqual([]);
      // Whoever rings meanwhile is heard by nobody, and is read from the table.
      expect(redriven.kept.map(({ token }) => token)).toEqual(["token-2"]);
      await redriven.run("token-3", { seconds: 1800 });
      // The state before took its time.
      await redriven.run("token-4", { seconds: 2100 });
      expect(await refused(redriven.run("token-5", { seconds: 2101 }))).toMatchObject({ code: "not-in-review" });
      // As an execution that began under a version of before.
      await redriven.run("token-6");
    },
  );

  it("opens before it is found to be waited for too long", async () => {
    const { promotions, run } = scene(promotionAtTheGates({ gates }));
    expect((await refused(run("token-1", { seconds: 2 * 86_400 }))).code).toBe("not-in-review");
    expect(promotions.stored(id)).toMatchObject({ status: "in-review", stage: { index: 0, open: true } });
  });

  it("keeps the token before it opens, so that a stage without a bell is never open", async () => {
    const { promotions, kept, ports, run } = scene(promotionAtTheGates({ gates }));
    const { ports: dying } = crashing({ ...ports, policy: undefined }, { call: 3, moment: "before" });
    const broken = openStageStep({ ...dying, policy });
    await expect(broken({ promotionId: id, taskToken: "token-1" })).rejects.toBeInstanceOf(Crashed);
    expect(kept).toHaveLength(1);
    expect(promotions.stored(id).status).toBe("gating");
    await run("token-2");
    expect(promotions.moves).toHaveLength(1);
  });

  it.each(["withdrawn", "rejected", "approved", "superseded"] as const)(
    "is refused for a promotion that is %s",
    async (status) => {
      const { promotions, run } = scene(promotionInReview({ status, stage: openStage(0, { open: false }) }));
      expect((await refused(run())).code).toBe("not-in-review");
      expect(promotions.moves).toEqual([]);
    },
  );

  it("is refused where every stage is settled", async () => {
    const { run } = scene(
      promotionInReview({ settled: [...settled, { index: 1, seats: [] }], stage: openStage(1, { open: false }) }),
    );
    expect((await refused(run())).code).toBe("conflict");
  });
});

describe("opening a stage under policies that changed", () => {
  it.each([["another threshold", stricterPolicy] as const, ...policiesWithoutRule])(
    "sends the promotion back to the gates: %s",
    async (_, inForce) => {
      const byCora = await givenSignOff(promotionInReview(), cora);
      const between = promotionInReview({ settled, stage: openStage(0, { open: false }) });
      const promotions = new MemoryPromotions([between], [byCora]);
      const tokens = { keep: async () => {} };
      await openStageStep({ ...judging, now: () => now, promotions, tokens, policy: inForce })({
        promotionId: id,
        taskToken: "token-1",
      });
      expect(promotions.stored(id)).toMatchObject({
        status: "gating",
        review: 2,
        settled: [],
        invalidated: [],
      });
    },
  );

  it("opens none before the gates have passed again, though the step runs once more", async () => {
    const promotions = new MemoryPromotions([promotionInReview({ settled, stage: openStage(0, { open: false }) })]);
    const step = openStageStep({
      ...judging,
      now: () => now,
      promotions,
      tokens: { keep: async () => {} },
      policy: stricterPolicy,
    });
    const run = () => step({ promotionId: id, taskToken: "token-1" });
    await run();
    await expect(run()).rejects.toThrow("The gates have not passed in this review yet; no stage can be opened.");
    const { status, review, stage } = promotions.stored(id);
    expect({ status, review, stage }).toEqual({ status: "gating", review: 2, stage: undefined });
  });
});
