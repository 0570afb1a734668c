import { describe, expect, it } from "vitest";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import type { Loan } from "../../../core/promotion/loan.ts";
import { type Promotion, statuses } from "../../../core/promotion/promotion.ts";
import { watchDeployment } from "../../../functions/steps/watch-deployment/handler.ts";
import { id, now, promotionInReview } from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import type { MemoryTarget } from "../memory-target.ts";
import { deploying, scene, watching, weighed } from "./watch-scene.ts";

const loan: Loan = {
  ...{ terms: { seconds: 3600, incident: "https://incidents.example/7" }, lenders: [] },
  ...{ at: now, until: addSeconds(now, 3600) },
};
const lent: Promotion = { ...deploying, status: "loaned", loan, expiresAt: loan.until };
const runs: Promotion = { ...lent, loan: { ...loan, runningSince: now } };
const { deployment = expect.unreachable() } = deploying;
const back = { ...deployment, rollBack: { at: now, why: "The alarm was raised." } };
const unavailable = new Failure("unavailable", "CloudWatch does not answer at the moment.");
const until = { outcome: "loaned", seconds: 3000 };

describe("watching what is lent", () => {
  it("tells that it runs once it serves, removes what watched it, and waits for the loan's end", async () => {
    const { promotions, target, run } = scene({ kind: "serving" }, lent, 600);
    expect(await run()).toEqual(until);
    expect(promotions.stored(id)).toMatchObject({
      ...{ status: "loaned", loan: { runningSince: addSeconds(now, 600) } },
      history: [{ type: "loan-running" }],
    });
    expect(target.settled).toEqual([id]);
  });

  it("comes back until its alarms are gone", async () => {
    const { promotions, target, run } = scene({ kind: "serving" }, lent);
    const { settle } = target;
    Object.assign(target, { settle: () => Promise.reject(unavailable) });
    expect(await run()).toEqual(watching);
    expect(promotions.stored(id).loan?.runningSince).toBe(now);
    Object.assign(target, { settle });
    expect(await run()).toEqual({ outcome: "loaned", seconds: 3600 });
    expect(promotions.moves).toHaveLength(1);
  });

  it.each<[string, MemoryTarget["progress"]]>([
    ["an alarm that it has removed", { kind: "unhealthy", why: "The alarm is gone." }],
    ["whoever asks", new Failure("deployment-refused", "Nobody is to ask.")],
  ])("is judged by nobody once it runs: not by %s", async (_, progress) => {
    const { promotions, target, run } = scene(progress, runs, 600);
    expect(await run()).toEqual(until);
    expect([promotions.moves, target.rolledBack, target.settled]).toEqual([[], [], [id]]);
  });

  it("goes on to go back where that has begun, also where it is said to run", async () => {
    for (const promotion of [
      { ...runs, deployment: back },
      { ...lent, deployment: back },
    ]) {
      const { promotions, target, run } = scene({ kind: "serving" }, promotion);
      expect(await run()).toEqual(watching);
      expect([target.rolledBack.length, target.settled, promotions.moves]).toEqual([1, [], []]);
    }
  });

  it.each<[string, Partial<Promotion>]>([
    ["is on its way", {}],
    ["goes back", { deployment: back }],
  ])("is looked at as its loan ends, where it %s", async (_, also) => {
    const { run } = scene({ kind: "under-way" }, { ...lent, ...also }, 3590);
    expect(await run()).toEqual({ outcome: "watching", seconds: 10 });
  });

  it.each<[string, MemoryTarget["progress"], Partial<Promotion>]>([
    ["is on its way", { kind: "under-way" }, {}],
    ["serves by then", { kind: "serving" }, {}],
    ["goes back", { kind: "under-way" }, { deployment: back }],
  ])("ends with its loan where it %s, and is left to the clean-up", async (_, progress, also) => {
    const { promotions, target, run } = scene(progress, { ...lent, ...also }, 3600);
    expect(await run()).toEqual({ outcome: "failed" });
    expect(promotions.stored(id)).toMatchObject({ status: "expired", history: [{ type: "loan-ended" }] });
    expect([target.rolledBack, target.settled]).toEqual([[], []]);
    expect(await run()).toEqual({ outcome: "failed" });
    expect(promotions.moves).toHaveLength(1);
  });

  it("ends at its time although what watched it cannot be removed", async () => {
    const settle = () => Promise.reject(unavailable);
    const at = (seconds: number) => {
      const { target, run } = scene({ kind: "serving" }, runs, seconds);
      Object.assign(target, { settle });
      return run();
    };
    expect(await at(3590)).toEqual({ outcome: "watching", seconds: 10 });
    expect(await at(3600)).toEqual({ outcome: "loaned", seconds: 1 });
  });

  it("is left to the clean-up where somebody has rejected it, on its way or since it serves", async () => {
    for (const promotion of [lent, runs]) {
      const { promotions, target, run } = scene({ kind: "serving" }, { ...promotion, status: "rejected" });
      expect(await run()).toEqual({ outcome: "failed" });
      expect([promotions.moves, target.rolledBack, target.settled]).toEqual([[], [], []]);
    }
  });

  it("tells of no part of the requests once somebody has rejected it", async () => {
    const promotion: Promotion = { ...weighed, status: "loaned", loan, expiresAt: loan.until };
    const { promotions, target, run } = scene({ kind: "sharing", percent: 10 }, promotion);
    const { check } = target;
    Object.assign(target, {
      check: (...asked: Parameters<typeof check>) => {
        promotions.put({ ...promotion, status: "rejected", revision: promotion.revision + 1 });
        return check(...asked);
      },
    });
    await run();
    expect(promotions.moves).toEqual([]);
    expect(await run()).toEqual({ outcome: "failed" });
  });

  it("is over where it is back, and in no review again", async () => {
    const conditions = { forSeconds: 86_400, errorPercent: 1 };
    const { promotions, run } = scene(
      { kind: "returned", why: "It went back." },
      { ...lent, deployment: { ...deployment, conditions } },
    );
    expect(await run()).toEqual({ outcome: "rolled-back" });
    expect(promotions.stored(id)).toMatchObject({ status: "rolled-back", reason: "It went back." });
  });
});

describe("watching a deployment", () => {
  it("is refused where nothing was deployed, whatever else was opened again", async () => {
    const { deployment: _, ...never } = deploying;
    const conflict = { code: "conflict", sentence: "Nothing of this promotion was deployed." };
    const fact = { id: `${id}/0`, at: now, promotion: id, summary: "", attachments: [] };
    for (const history of [
      [],
      [{ ...fact, type: "seat-reopened", body: { fallen: [] } }],
      [{ ...fact, type: "rollback", body: { breach: {} } }],
    ] as readonly Promotion["history"][])
      expect(await refused(scene({ kind: "serving" }, { ...never, history }).run())).toEqual(conflict);
  });

  it.each(
    statuses.filter(
      (status) => !["loaned", "deploying", "deployed", "restricted", "rolled-back", "failed"].includes(status),
    ),
  )("is refused while it is %s", async (status) => {
    const { target, run } = scene({ kind: "unhealthy" }, promotionInReview({ status, deployment }));
    expect(await refused(run())).toEqual({
      code: "conflict",
      sentence: `The promotion is ${status}: there is nothing to watch.`,
    });
    expect([target.rolledBack, target.settled]).toEqual([[], []]);
  });

  it.each<[string, Error]>([
    ["an answer that is no silence", new Failure("deployment-refused", "Nobody may look.")],
    ["an error that is not ours", new Error("AccessDenied")],
  ])("takes %s for no progress", async (_, error) => {
    const { promotions, target, run } = scene({ kind: "serving" });
    const { check, settle } = target;
    Object.assign(target, { check: () => Promise.reject(error) });
    await expect(run()).rejects.toBe(error);
    expect(promotions.moves).toEqual([]);
    Object.assign(target, { check, settle: () => Promise.reject(error) });
    await expect(run()).rejects.toBe(error);
    expect(promotions.stored(id).status).toBe("deployed");
    Object.assign(target, { settle });
    expect(await run()).toEqual({ outcome: "deployed" });
  });

  it("gives no reason for what went well", async () => {
    const { promotions, run } = scene({ kind: "serving", why: "It serves." });
    await run();
    expect(promotions.stored(id)).not.toHaveProperty("reason");
  });

  it("tells of a way back that failed, although something else was told to have failed before", async () => {
    const fact = { id: `${id}/0`, at: now, promotion: id, summary: "", body: { state: "failed" }, attachments: [] };
    const before: Promotion = { ...deploying, history: [{ ...fact, type: "remedy" }] };
    const { promotions, target, run } = scene({ kind: "unhealthy", why: "It is ill." }, before);
    target.stuck = unavailable;
    await run();
    expect(promotions.stored(id).history.map(({ type }) => type)).toEqual(["remedy", "rollback", "rollback"]);
  });

  it("writes an end down once, where two runs saw it", async () => {
    const { promotions, target, ports, run } = scene({ kind: "displaced", why: "Somebody changed it." });
    const { check } = target;
    const slow = async () => {
      await run();
      return check();
    };
    const targets = { ...ports.targets, "sagemaker-endpoint": Object.assign(Object.create(target), { check: slow }) };
    expect(await watchDeployment({ ...ports, targets })({ promotionId: id })).toEqual({ outcome: "failed" });
    expect(promotions.stored(id).history.map(({ type }) => type)).toEqual(["failed"]);
  });
});
