import { describe, expect, it } from "vitest";
import type { RecordedSignOff } from "../../../core/attestation/recorded-sign-off.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { type ExpirePorts, expire } from "../../../functions/steps/expire/handler.ts";
import { givenSignOff } from "../../core/attestation/given-sign-off.ts";
import {
  cora,
  dana,
  deadline,
  digestOf,
  everybody,
  expiresAt,
  id,
  openStage,
  policiesWithoutRule,
  policy,
  promotionAtTheGates,
  promotionInReview,
  sam,
  stricterPolicy,
} from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { approvedPromotion } from "../approved-promotion.ts";
import { Crashed, crashing } from "../crash.ts";
import { MemoryDelegations } from "../memory-delegations.ts";
import { memoryDirectory } from "../memory-directory.ts";
import { MemoryLoanBooks } from "../memory-loan-books.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { gates, settled } from "./review-scene.ts";

const { deployment } = (await approvedPromotion("1.4.0")).promotion;

describe("recording the expiry", () => {
  function scene(promotion: Promotion, clock: Instant = deadline, signOffs: readonly RecordedSignOff[] = []) {
    const promotions = new MemoryPromotions([promotion], signOffs);
    const ports = {
      now: () => clock,
      policy,
      promotions,
      delegations: new MemoryDelegations(),
      loanBooks: new MemoryLoanBooks(),
      directory: memoryDirectory(everybody),
    };
    const run = (over: Partial<ExpirePorts> = {}) => expire({ ...ports, ...over })({ promotionId: id });
    return { promotions, run };
  }
  const inTime = addSeconds(deadline, -1);

  it("ends a stage that nobody completed", async () => {
    const { promotions, run } = scene(promotionInReview());
    expect(await run()).toEqual({ outcome: "expired" });
    expect(promotions.stored(id)).toMatchObject({
      status: "expired",
      reason: "Nobody completed the stage 'compliance' in time.",
      stage: { open: false },
      history: [{ type: "expired", body: { stage: 0 } }],
    });
  });

  it("leaves a stage all the time that people were told, where the machine began to wait before it was open", async () => {
    const { promotions, run } = scene(promotionInReview(), addSeconds(deadline, -0.4));
    expect(await run()).toEqual({ outcome: "next-stage", seconds: 1 });
    expect(promotions.moves).toEqual([]);
  });

  it("ends a promotion whose review never opened", async () => {
    const { promotions, run } = scene(promotionAtTheGates({ gates }));
    expect(await run()).toEqual({ outcome: "expired" });
    expect(promotions.stored(id).reason).toBe("The promotion expired before its review opened.");
    expect(promotions.stored(id)).not.toHaveProperty("stage");
    expect(promotions.stored(id).history.at(-1)?.body).toEqual({});
  });

  it.each(["shadowing", "blocked", "failed"] as const)("writes nothing of one that is %s", async (status) => {
    const { promotions, run } = scene(promotionAtTheGates({ gates, status }));
    expect(await run()).toEqual({ outcome: "expired" });
    expect(promotions.moves).toEqual([]);
  });

  it.each(policiesWithoutRule)("expires under policies that changed: %s", async (_, inForce) => {
    const { promotions, run } = scene(promotionInReview());
    expect(await run({ policy: inForce })).toEqual({ outcome: "expired" });
    expect(promotions.stored(id).status).toBe("expired");
  });

  it.each(policiesWithoutRule)("still answers what was decided before they did: %s", async (_, inForce) => {
    const { run } = scene(promotionInReview({ settled, stage: openStage(0, { open: false }) }));
    expect(await run({ policy: inForce })).toEqual({ outcome: "next-stage", seconds: 23 * 3600 });
  });

  it("run twice expires once", async () => {
    const { promotions, run } = scene(promotionInReview());
    await run();
    expect(await run()).toEqual({ outcome: "expired" });
    expect(promotions.moves).toHaveLength(1);
  });

  it.each<[string, Partial<Promotion>, object]>([
    [
      "a stage that was settled",
      { settled, stage: openStage(0, { open: false }) },
      { outcome: "next-stage", seconds: 23 * 3600 },
    ],
    ["the quorum", { status: "approved", stage: openStage(1, { open: false }) }, { outcome: "quorum" }],
    ["a rejection", { status: "rejected", stage: openStage(1, { open: false }) }, { outcome: "rejected" }],
    ["a withdrawal", { status: "withdrawn", stage: openStage(1, { open: false }) }, { outcome: "withdrawn" }],
    [
      "requirements that changed",
      { status: "gating", review: 2, stage: openStage(0, { open: false }) },
      { outcome: "requirements-changed" },
    ],
  ])("answers %s that was written before the time ran out", async (_, over, answer) => {
    const { promotions, run } = scene(promotionInReview(over));
    expect(await run()).toEqual(answer);
    expect(promotions.moves).toEqual([]);
  });

  it("answers a review that went back to the gates and has no stage any more", async () => {
    const { promotions, run } = scene(promotionAtTheGates({ review: 2 }));
    expect(await run()).toEqual({ outcome: "requirements-changed" });
    expect(promotions.moves).toEqual([]);
  });

  it("decides a stage that was complete in time, where decide has not come to it", async () => {
    const signOff = await givenSignOff(promotionInReview(), cora, { recordedAt: inTime });
    const { promotions, run } = scene(promotionInReview(), deadline, [signOff]);
    expect(await run()).toEqual({ outcome: "next-stage", seconds: 23 * 3600 });
    expect(promotions.stored(id)).toMatchObject({
      status: "in-review",
      settled: [{ index: 0, seats: [{ signOff: signOff.signOff.id }] }],
      history: [{ type: "stage-decided", summary: "Every seat of the stage 'compliance' is filled." }],
    });
  });

  it("reaches the quorum with a last stage that was complete in time", async () => {
    const byCora = await givenSignOff(promotionInReview(), cora);
    const seat = { role: "compliance-officer", person: cora.identity, signOff: byCora.signOff.id };
    const last = promotionInReview({ settled: [{ index: 0, seats: [seat] }], stage: openStage(1) });
    const signOffs = [
      await givenSignOff(last, dana, { recordedAt: inTime, roles: ["lead-data-scientist"] }),
      await givenSignOff(last, sam, { recordedAt: inTime, roles: ["sre"] }),
    ];
    const late = addSeconds(expiresAt, 60);
    const { promotions, run } = scene(last, late, [byCora, ...signOffs]);
    expect(await run()).toEqual({ outcome: "quorum" });
    expect(promotions.stored(id).status).toBe("approved");
  });

  it("hears a rejection that was given in time", async () => {
    const rejection = await givenSignOff(promotionInReview(), cora, {
      recordedAt: inTime,
      result: "reject",
      reason: "The data is stale.",
    });
    const { promotions, run } = scene(promotionInReview(), deadline, [rejection]);
    expect(await run()).toEqual({ outcome: "rejected" });
    expect(promotions.stored(id).reason).toBe("The data is stale.");
  });

  it("counts nothing that was recorded at the deadline itself", async () => {
    const { promotions, run } = scene(promotionInReview(), deadline, [
      await givenSignOff(promotionInReview(), cora, { recordedAt: deadline }),
    ]);
    expect(await run()).toEqual({ outcome: "expired" });
    expect(promotions.stored(id).reason).toBe("Nobody completed the stage 'compliance' in time.");
  });

  it("counts nothing that was signed under other requirements", async () => {
    const { promotions, run } = scene(promotionInReview(), deadline, [
      await givenSignOff(promotionInReview(), cora, { recordedAt: inTime }),
    ]);
    expect(await run({ policy: stricterPolicy })).toEqual({ outcome: "expired" });
    expect(promotions.stored(id).settled).toEqual([]);
  });

  describe("of seats that were lent", () => {
    const until = addSeconds(deadline, 3600);
    const loan = {
      terms: { seconds: 7200, incident: "https://incidents.example/7" },
      lenders: [],
      at: addSeconds(until, -7200),
      until,
    };
    /** As it is once the loan is given: the stage goes on as long as the loan. */
    const lent = (over: Partial<Promotion> = {}) =>
      promotionInReview({
        ...{ status: "loaned", loan, expiresAt: until, stage: openStage(0, { deadline: until }) },
        ...over,
      });
    const served = deployment === undefined ? {} : { deployment };

    it("lets them be verified and deployed, where the bell came too late for the stage that they were lent in", async () => {
      const { promotions, run } = scene(lent());
      expect(await run()).toEqual({ outcome: "loaned" });
      expect(promotions.moves).toEqual([]);
    });

    it("waits on while what they let through serves", async () => {
      const { promotions, run } = scene(lent(served));
      expect(await run()).toEqual({ outcome: "next-stage", seconds: 3600 });
      expect(promotions.moves).toEqual([]);
    });

    it.each([
      ["whether it serves", served],
      ["or not", {}],
    ])("ends the loan at its own end, %s", async (_, over) => {
      const { promotions, run } = scene(lent(over), until);
      expect(await run()).toEqual({ outcome: "expired" });
      expect(promotions.stored(id)).toMatchObject({
        status: "expired",
        history: [{ type: "loan-ended", at: until, body: { until } }],
      });
    });
  });

  describe("of a loan whose quorum is signing", () => {
    const loan = { terms: { seconds: 7200, incident: "https://incidents.example/7" }, lenders: [] };
    const until = deadline;
    const at = addSeconds(until, -7200);
    const runs = promotionInReview({
      ...{ status: "loaned", expiresAt: until, settled, stage: openStage(1, { deadline: until }) },
      loan: { ...loan, at, until, runningSince: at },
      ...(deployment === undefined ? {} : { deployment }),
    });
    const seats = [dana, sam].map(({ identity }, each) => ({
      ...{ role: ["lead-data-scientist", "sre"][each] ?? "", person: identity, signOff: digestOf("seat") },
    }));
    const complete = { ...runs, settled: [...settled, { index: 1, seats }], stage: openStage(1, { open: false }) };
    const away = { everybody: () => Promise.reject(new Failure("unavailable", "Nobody answers.")) };

    it("is verified where it was complete in time", async () => {
      const { promotions, run } = scene(complete, addSeconds(until, 60));
      expect(await run()).toEqual({ outcome: "quorum" });
      expect(promotions.moves).toEqual([]);
    });

    it("ends it where a stage is left, or others are in force by now", async () => {
      const left = { ...complete, settled };
      for (const [promotion, inForce] of [
        [left, policy],
        [complete, stricterPolicy],
      ] as const) {
        const { promotions, run } = scene(promotion, until);
        expect(await run({ policy: inForce })).toEqual({ outcome: "expired" });
        expect(promotions.stored(id).history.map(({ type }) => type)).toEqual(["loan-ended"]);
      }
    });

    it("decides the stage by what was signed in time, for which the directory has to answer", async () => {
      const byCora = await givenSignOff(promotionInReview(), cora);
      const others = [
        await givenSignOff(runs, dana, { recordedAt: inTime, roles: ["lead-data-scientist"] }),
        await givenSignOff(runs, sam, { recordedAt: inTime, roles: ["sre"] }),
      ];
      const own = {
        index: 0,
        seats: [{ ...seats[0], role: "compliance-officer", person: cora.identity, signOff: byCora.signOff.id }],
      };
      const { promotions, run } = scene({ ...runs, settled: [own] }, until, [byCora, ...others]);
      expect((await refused(run({ directory: away }))).code).toBe("unavailable");
      expect(promotions.moves).toEqual([]);
      expect(await run()).toEqual({ outcome: "quorum" });
      expect(promotions.stored(id).history.map(({ type }) => type)).toEqual(["stage-decided"]);
    });

    it("asks nobody where all was signed in an earlier review, and ends it", async () => {
      const before = await givenSignOff(promotionInReview(), cora);
      const { promotions, run } = scene({ ...runs, review: 2 }, until, [before]);
      expect(await run({ directory: away })).toEqual({ outcome: "expired" });
      expect(promotions.stored(id).status).toBe("expired");
    });
  });

  it("opens no further stage of a promotion that is over", async () => {
    const whole = promotionInReview({ stage: openStage(0, { deadline: expiresAt }) });
    const signOff = await givenSignOff(whole, cora, { recordedAt: inTime });
    const { promotions, run } = scene(whole, expiresAt, [signOff]);
    expect(await run()).toEqual({ outcome: "expired" });
    expect(promotions.stored(id)).toMatchObject({
      status: "expired",
      reason: "The promotion expired before its next stage opened.",
      history: [{ type: "stage-decided" }, { type: "expired", body: {} }],
      stage: { index: 0, open: false },
    });
  });

  it.each([1, 2, 3, 4, 5, 6])("that dies at call %i comes to the same when it is tried again", async (call) => {
    const whole = promotionInReview({ stage: openStage(0, { deadline: expiresAt }) });
    const { promotions, run } = scene(whole, expiresAt, [await givenSignOff(whole, cora, { recordedAt: inTime })]);
    const { load, loans, move, signOffs } = promotions;
    const { ports: dying } = crashing(
      { promotions: { load, loans, move, signOffs }, directory: memoryDirectory(everybody) },
      { call, moment: "after" },
    );
    await expect(run(dying)).rejects.toBeInstanceOf(Crashed);
    expect(await run()).toEqual({ outcome: "expired" });
    expect(promotions.moves.map(({ history }) => history.at(-1)?.type)).toEqual(["stage-decided", "expired"]);
  });
});
