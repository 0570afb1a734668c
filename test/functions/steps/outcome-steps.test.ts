import { describe, expect, it } from "vitest";
import { fromUtf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import { watchDeployment } from "../../../functions/steps/watch-deployment/handler.ts";
import { digestOf, id, now } from "../../core/promotion/promotion-in-review.ts";
import { Crashed, crashing } from "../crash.ts";
import type { MemoryTarget } from "../memory-target.ts";
import { deploying, scene, watching, weighed } from "./watch-scene.ts";

/** Twice 300 seconds of waiting, and half an hour for instances and model. */
const longest = 2400;
const sick = { kind: "unhealthy", why: "The alarm 'errors' is raised." } as const;

describe("watching a deployment", () => {
  it("looks again while it is on its way", async () => {
    const { promotions, run } = scene({ kind: "under-way" }, deploying, longest - 1);
    expect(await run()).toEqual(watching);
    expect(promotions.moves).toEqual([]);
  });

  it("looks again when the target does not answer", async () => {
    const { promotions, run } = scene(new Failure("unavailable", "SageMaker does not answer at the moment."));
    expect(await run()).toEqual(watching);
    expect(promotions.moves).toEqual([]);
  });

  it("ends when the approved model serves, and keeps what the target said", async () => {
    const { promotions, target, blobs, run } = scene({
      kind: "serving",
      why: "It serves.",
      evidence: { status: "ok" },
    });
    expect(await run()).toEqual({ outcome: "deployed" });
    const [fact] = promotions.stored(id).history;
    const [document] = fact?.attachments ?? [];
    expect(fact).toMatchObject({ type: "deployed", summary: "It serves.", body: { endpoint: "credit-scoring" } });
    expect(JSON.parse(fromUtf8(await blobs.get(document?.sha256 ?? digestOf(""))))).toEqual({
      progress: "serving",
      readAt: now,
      status: "ok",
    });
    expect(target.settled).toEqual([id]);
    expect(await run()).toEqual({ outcome: "deployed" });
    expect(promotions.moves).toHaveLength(1);
  });

  it("comes back until the release's own alarms are gone, and stays deployed", async () => {
    const { promotions, target, run } = scene({ kind: "serving" });
    const settle = target.settle;
    Object.assign(target, {
      settle: async () => {
        throw new Failure("unavailable", "CloudWatch does not answer at the moment.");
      },
    });
    expect(await run()).toEqual(watching);
    expect(promotions.stored(id).status).toBe("deployed");
    Object.assign(target, { settle });
    expect(await run()).toEqual({ outcome: "deployed" });
    expect(target.settled).toEqual([id]);
  });

  it("removes the alarms of what drifted before they were gone, and lifts no restriction", async () => {
    const { promotions, target, run } = scene({ kind: "serving" }, { ...deploying, status: "restricted" });
    expect(await run()).toEqual({ outcome: "deployed" });
    expect(target.settled).toEqual([id]);
    expect(promotions.moves).toEqual([]);
  });

  it("lifts no restriction that a report of drift wrote while it looked", async () => {
    const { promotions, target, run } = scene({ kind: "serving" });
    const check = target.check;
    Object.assign(target, {
      check: async (...looked: Parameters<typeof check>) => {
        const { revision, history } = promotions.stored(id);
        promotions.put({ ...promotions.stored(id), status: "restricted", revision: revision + 1, history });
        return check(...looked);
      },
    });
    expect(await run()).toEqual({ outcome: "deployed" });
    expect(promotions.stored(id).status).toBe("restricted");
  });

  it("writes down why the target went back by itself", async () => {
    const { promotions, run } = scene({ kind: "returned", why: "It went back: the alarm 5xx went off." });
    expect(await run()).toEqual({ outcome: "rolled-back" });
    expect(promotions.stored(id)).toMatchObject({
      status: "rolled-back",
      reason: "It went back: the alarm 5xx went off.",
      history: [{ type: "rolled-back", attachments: [{ name: "deployment.json" }] }],
    });
  });

  it.each<[string, MemoryTarget["progress"], number, string]>([
    ["an alarm is raised", sick, 0, "The alarm 'errors' is raised."],
    ["it is broken", { kind: "broken", why: "No capacity." }, 0, "No capacity."],
    [
      "it is stuck",
      { kind: "under-way", why: "It is Updating." },
      longest,
      "It is not over after the longest time that it may take, so it cannot be judged. It is Updating.",
    ],
    [
      "nobody has answered for too long",
      new Failure("unavailable", "No answer."),
      longest,
      "It is not over after the longest time that it may take, so it cannot be judged. No answer.",
    ],
  ])("goes back when %s, and says so only once it is back", async (_, progress, after, why) => {
    const { promotions, target, run } = scene(progress, deploying, after);
    expect(await run()).toEqual(watching);
    expect(promotions.stored(id)).toMatchObject({
      status: "deploying",
      deployment: { rollBack: { why } },
      history: [{ type: "rollback", summary: `It is rolled back. ${why}`, body: { state: "started" } }],
    });
    expect(target.rolledBack.map(({ previous }) => previous)).toEqual(["p-before"]);
    target.progress = { kind: "returned", why: "It went back." };
    expect(await run()).toEqual({ outcome: "rolled-back" });
    expect(promotions.stored(id)).toMatchObject({ status: "rolled-back", reason: `${why} It went back.` });
  });

  it("never calls a roll-back one that failed: it alarms, and tries again", async () => {
    const { promotions, target, logged, run } = scene(sick);
    target.stuck = new Failure("unavailable", "The endpoint is being changed at the moment.");
    for (const _ of [1, 2, 3]) expect(await run()).toEqual({ outcome: "watching", seconds: 300 });
    expect(logged).toEqual(Array.from({ length: 3 }, () => "roll-back failed"));
    expect(promotions.stored(id).status).toBe("deploying");
    expect(promotions.stored(id).history.map(({ body, summary }) => [body["state"], summary])).toEqual([
      ["started", "It is rolled back. The alarm 'errors' is raised."],
      ["failed", "The roll-back failed and is tried again. The endpoint is being changed at the moment."],
    ]);
    target.stuck = undefined;
    expect(await run()).toEqual(watching);
    expect(target.rolledBack).toHaveLength(1);
  });

  it("tells that it failed of each deployment, whatever an earlier one of the promotion told", async () => {
    const failed = { id: `${id}/0`, promotion: id, type: "rollback", summary: "", body: { state: "failed" } } as const;
    const earlier = { ...failed, at: addSeconds(now, -3600), attachments: [] };
    const { promotions, target, run } = scene(sick, { ...deploying, history: [earlier] });
    target.stuck = new Failure("unavailable", "The endpoint is being changed at the moment.");
    for (const _ of [1, 2]) await run();
    expect(promotions.stored(id).history.map(({ body }) => body["state"])).toEqual(["failed", "started", "failed"]);
  });

  it("tries for half a year, and has steps left", async () => {
    const { promotions, target, ports, run } = scene(sick);
    target.stuck = new Failure("deployment-refused", "There is nothing to go back to.");
    await run();
    let looks = 1;
    for (let age = 0; age < 180 * 86_400; looks += 1) {
      const answer = await watchDeployment({ ...ports, now: () => addSeconds(now, age) })({ promotionId: id });
      if (answer.outcome !== "watching") return expect.unreachable();
      age += answer.seconds;
    }
    // Nine events each, of 25,000 that an execution has.
    expect(looks).toBeLessThan(250);
    expect(promotions.stored(id).status).toBe("deploying");
  });

  it("tries again when going back was refused for another reason, such as a right that is lacking", async () => {
    const { promotions, target, run } = scene(sick);
    target.stuck = new Error("AccessDenied");
    expect(await run()).toEqual({ outcome: "watching", seconds: 300 });
    expect(promotions.stored(id).history.at(-1)?.summary).toBe("The roll-back failed and is tried again.");
  });

  it("lets nothing serve that is to go back, even where it has got well", async () => {
    const { promotions, target, run } = scene(sick);
    await run();
    target.progress = { kind: "serving" };
    expect(await run()).toEqual(watching);
    expect(promotions.stored(id).status).toBe("deploying");
    expect(target.rolledBack).toHaveLength(2);
  });

  it.each([
    ["something else", { revision: "theirs" }],
    ["nothing", {}],
  ])("fails where somebody made the endpoint serve %s, and touches nothing", async (_, running) => {
    const { promotions, target, run } = scene({ kind: "displaced", why: "Somebody changed it." });
    target.running = running;
    expect(await run()).toEqual({ outcome: "failed" });
    expect(promotions.stored(id)).toMatchObject({ status: "failed", reason: "Somebody changed it." });
    expect(target.rolledBack).toEqual([]);
    expect(await run()).toEqual({ outcome: "failed" });
  });

  it("fails where somebody made it serve something else while it went back, instead of watching for ever", async () => {
    const { promotions, target, run } = scene(sick);
    await run();
    target.running = { revision: "theirs" };
    target.progress = { kind: "displaced", why: "Somebody changed it." };
    expect(await run()).toEqual({ outcome: "failed" });
    expect(promotions.stored(id)).toMatchObject({
      status: "failed",
      reason: "The alarm 'errors' is raised. Somebody changed it.",
    });
    expect(target.rolledBack).toHaveLength(1);
  });

  it("goes on to go back where nothing serves on the way", async () => {
    const { promotions, target, run } = scene({ kind: "broken", why: "It failed." });
    await run();
    target.running = {};
    target.progress = { kind: "displaced", why: "It is gone." };
    expect(await run()).toEqual(watching);
    expect(promotions.stored(id).status).toBe("deploying");
    expect(target.rolledBack).toHaveLength(2);
  });

  it.each(
    (["serving", "returned", "unhealthy", "sharing"] as const).flatMap((kind) =>
      [1, 2, 3, 4, 5, 6].flatMap((call) =>
        (["before", "after"] as const).map((moment) => [kind, moment, call] as const),
      ),
    ),
  )("comes to the same when it is %s and dies %s call %i", async (kind, moment, call) => {
    const { promotions, target, ports, run } = scene(
      { kind, why: "So it is.", percent: 10 },
      kind === "sharing" ? weighed : deploying,
    );
    const { ports: dying, calls } = crashing({ ...ports, log: undefined }, { call, moment });
    const died = await watchDeployment({ ...dying, log: ports.log })({ promotionId: id }).then(
      () => false,
      (error: unknown) => error instanceof Crashed,
    );
    // Going back catches whatever happens there, and a short way has fewer calls.
    if (!died && kind !== "unhealthy") expect(calls()).toBeLessThan(call);
    await run();
    const told = promotions.stored(id).history.filter(({ body }) => body["state"] !== "failed");
    expect(told.map(({ type }) => type)).toEqual([
      { serving: "deployed", returned: "rolled-back", unhealthy: "rollback", sharing: "traffic-shifted" }[kind],
    ]);
    if (kind === "unhealthy") expect(target.rolledBack.length).toBeGreaterThan(0);
  });
});
