import { describe, expect, it } from "vitest";
import type { Footing, ShadowStanding } from "../../../core/deployment/shadow-target.ts";
import { Failure } from "../../../core/failure.ts";
import { type Promotion, statuses } from "../../../core/promotion/promotion.ts";
import { runInShadow } from "../../../functions/steps/run-in-shadow/handler.ts";
import { id } from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { Crashed, crashing } from "../crash.ts";
import { answered, plan, scene } from "./shadow-scene.ts";

describe("a run that cannot be judged is blocked", () => {
  it.each<[string, ShadowStanding, number, RegExp]>([
    [
      "somebody changed what answers",
      { kind: "lost", why: "It serves another." },
      0,
      /cannot be judged\. It serves another\.$/,
    ],
    ["somebody ended it early", { kind: "alone" }, 0, /somebody ended it before it was over/],
  ])("where %s", async (_, standing, seconds, reason) => {
    const { target, run, pass, stored } = scene();
    await run();
    await run();
    target.standing = standing;
    pass(seconds);
    expect(await run()).toEqual({ outcome: "ended" });
    expect(stored()).toMatchObject({ status: "blocked", reason: expect.stringMatching(reason) });
  });

  it.each<[string, ShadowStanding, number, RegExp]>([
    ["the candidate does not come up", { kind: "alone", failure: "no ping" }, 0, /did not come up in shadow: no ping$/],
    ["it takes too long", { kind: "under-way" }, 1800, /in the longest time that it may take/],
    ["nothing happens", { kind: "alone" }, 1800, /in the longest time that it may take/],
  ])("where %s", async (_, standing, seconds, reason) => {
    const { target, run, pass, stored } = scene();
    await run();
    target.standing = standing;
    pass(seconds);
    expect(await run()).toEqual({ outcome: "ended" });
    expect(stored()).toMatchObject({ status: "blocked", reason: expect.stringMatching(reason) });
  });

  it("and a target that does not answer at the moment is asked again", async () => {
    const { target, ports } = scene();
    const busy = new Failure("unavailable", "SageMaker does not answer at the moment.");
    const dead = { ...ports, targets: { "sagemaker-endpoint": { ...target, footing: () => Promise.reject(busy) } } };
    expect((await refused(runInShadow(dead)({ promotionId: id }))).code).toBe("unavailable");
  });
});

describe("whoever ends the promotion meanwhile", () => {
  it.each(["withdrawn", "superseded", "expired", "blocked", "failed"] as const)(
    "%s: it is cleaned up",
    async (status) => {
      const { target, run, states } = scene(plan, { status });
      expect(await run()).toEqual({ outcome: "ended" });
      expect(target.started).toEqual([]);
      expect(states()).toEqual([]);
    },
  );

  it("by a withdrawal while it is started, finds nothing started", async () => {
    const { promotions, target, ports } = scene();
    const footing = async (): Promise<Footing> => {
      await promotions.move({
        ...promotions.stored(id),
        status: "withdrawn",
        revision: promotions.stored(id).revision + 1,
      });
      return { kind: "possible", beside: "p-before" };
    };
    const work = runInShadow({ ...ports, targets: { "sagemaker-endpoint": { ...target, footing } } });
    expect(await work({ promotionId: id })).toEqual({ outcome: "ended" });
    expect(target.started).toEqual([]);
  });

  it.each(
    statuses.filter((status) =>
      ["in-review", "approved", "deploying", "deployed", "loaned", "restricted"].includes(status),
    ),
  )("finds that one that is %s does not run in shadow", async (status) => {
    expect((await refused(scene(plan, { status }).run())).code).toBe("conflict");
  });
});

it.each(
  [1, 2, 3, 4, 5, 6, 7, 8, 9].flatMap((call) =>
    (["before", "after"] as const).map((moment) => [moment, call] as const),
  ),
)("every step of a run comes to the same when it dies %s call %i", async (moment, call) => {
  const all = scene();
  const { ports, target, run, pass, states, stored } = all;
  target.answered = answered;
  const dying = async () => {
    const { ports: fragile } = crashing(ports, { call, moment });
    const fragileTarget = fragile.targets["sagemaker-endpoint"] ?? target;
    const work = runInShadow({
      ...fragile,
      // What is read piece by piece is no call that answers once.
      targets: { "sagemaker-endpoint": { ...fragileTarget, captured: target.captured } },
    });
    await work({ promotionId: id }).catch((error) => {
      if (!(error instanceof Crashed)) throw error;
    });
  };
  for (let step = 0; step < 6 && stored().shadow?.evidence === undefined; step += 1) {
    await dying();
    await run();
    pass(60);
  }
  expect(states()).toEqual(["started", "running", "over", "reported"]);
  expect(target.started).toHaveLength(1);
});

it.each(["late", "lost"] as const)(
  "every step of a run tells once what was written, though the table's answer came to be %s",
  async (answer) => {
    const all = scene();
    const { ports, promotions, target, pass, states, stored } = all;
    target.answered = answered;
    let writes = 0;
    // Every other time it is written, and whoever wrote it does not hear so.
    const move = async (next: Promotion) => {
      writes += 1;
      const outcome = await promotions.move(next);
      return outcome === "moved" && writes % 2 === 1 ? answer : outcome;
    };
    const work = runInShadow({ ...ports, promotions: { load: promotions.load, move } });
    for (let step = 0; step < 6 && stored().shadow?.evidence === undefined; step += 1) {
      await work({ promotionId: id });
      pass(60);
    }
    expect(states()).toEqual(["started", "running", "over", "reported"]);
    expect(target.started).toHaveLength(1);
  },
);

it("another call of the step that read the run before it was over tells nothing of it any more", async () => {
  const all = scene();
  const { ports, target, run, pass, states, stored } = all;
  target.answered = answered;
  await run();
  await run();
  pass(60);
  // While the one asks what was measured, the other has told that it is over, and ended it.
  const measure: typeof target.measure = async (...given) => {
    const measured = await target.measure(...given);
    await run();
    await run();
    return measured;
  };
  await runInShadow({ ...ports, targets: { "sagemaker-endpoint": { ...target, measure } } })({ promotionId: id });
  expect(states()).toEqual(["started", "running", "over", "reported"]);
  expect(stored().status).toBe("gating");
});
