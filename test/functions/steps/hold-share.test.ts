import { describe, expect, it } from "vitest";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { KubernetesTarget } from "../../../core/promotion/target.ts";
import { id, now } from "../../core/promotion/promotion-in-review.ts";
import { deploying, scene, watching, weighed } from "./watch-scene.ts";

describe("watching a part of the requests", () => {
  /** It was seen to have this part so many seconds after the beginning. */
  const held = (percent: number, since = 60): Promotion => ({
    ...weighed,
    history: [
      {
        ...{ id: `${id}/9`, type: "traffic-shifted", at: addSeconds(now, since), promotion: id, summary: "" },
        ...{ body: { percent }, attachments: [] },
      },
    ],
  });
  const sharing = (percent: number) => ({ kind: "sharing", why: "It answers a part.", percent }) as const;

  it("tells when it has it, with what the target said", async () => {
    const { promotions, target, run } = scene(sharing(10), weighed, 60);
    expect(await run()).toEqual(watching);
    expect(promotions.stored(id)).toMatchObject({
      status: "deploying",
      history: [
        {
          type: "traffic-shifted",
          at: addSeconds(now, 60),
          body: { endpoint: "credit-scoring", percent: 10 },
          attachments: [{ name: "deployment.json" }],
        },
      ],
    });
    expect(target.shifts).toEqual([]);
  });

  it("holds it for its time, looks as often as it is old, and no later than it is over", async () => {
    for (const [after, seconds] of [
      [120, 30],
      [1600, 100],
      [43_200, 151],
      [86_450, 10],
    ] as const) {
      const { promotions, target, run } = scene(sharing(10), held(10), after);
      expect(await run()).toEqual({ outcome: "watching", seconds });
      expect([promotions.moves, target.shifts]).toEqual([[], []]);
    }
  });

  it.each<[number, Promotion, number, number | "all"]>([
    [10, held(10), 86_460, 100],
    [100, held(100, 86_500), 87_100, "all"],
  ])("of %i percent gives it the next one once the time is over", async (percent, promotion, after, to) => {
    const { promotions, target, run } = scene(sharing(percent), promotion, after);
    expect(await run()).toEqual(watching);
    expect([promotions.moves, target.shifts]).toEqual([[], [to]]);
  });

  it("is no matter of a Rollout, which serves alone no earlier than its steps say", async () => {
    const target = {
      ...{
        name: "cluster",
        kind: "kubernetes",
        endpoint: "scoring",
        cluster: "c",
        namespace: "n",
        workload: "rollout",
      },
      ...{
        container: "s",
        fetcher: "f",
        port: 80,
        readinessPath: "/",
        traffic: { kind: "all-at-once", waitSeconds: 0 },
      },
    } as const satisfies KubernetesTarget;
    const rollout = { ...deploying, manifest: { ...deploying.manifest, target } };
    const skipped = scene({ kind: "serving" }, rollout, 599);
    expect(await skipped.run()).toEqual(watching);
    expect(skipped.promotions.stored(id).deployment?.rollBack?.why).toContain("somebody skipped a pause");
    expect(await scene({ kind: "serving" }, rollout, 600).run()).toEqual({ outcome: "deployed" });
  });

  it("ends when it serves alone after that, and takes it back where it does before", async () => {
    const late = scene({ kind: "serving" }, held(100, 86_500), 87_200);
    expect(await late.run()).toEqual({ outcome: "deployed" });
    expect(late.target.settled).toEqual([id]);
    const early = scene({ kind: "serving" }, held(10), 3600);
    expect(await early.run()).toEqual(watching);
    expect(early.target.rolledBack).toHaveLength(1);
    expect(early.promotions.stored(id).deployment?.rollBack?.why).toBe(
      "It gets all requests before the time of its part is over: somebody changed what the endpoint serves.",
    );
  });

  it.each<[string, number, number, string]>([
    ["was changed by hand", 60, 3600, "It gets 60 percent of the requests, and was given 10: somebody changed"],
    ["does not come to an end", 10, 90_600, "It is not over after the longest time that it may take"],
  ])("that %s takes it back", async (_, percent, after, why) => {
    const { promotions, target, run } = scene(sharing(percent), held(10), after);
    expect(await run()).toEqual(watching);
    expect(promotions.stored(id).deployment?.rollBack?.why).toContain(why);
    expect(target.rolledBack).toHaveLength(1);
    for (const part of [0, 10]) {
      target.progress = sharing(part);
      expect(await run()).toEqual(watching);
    }
    expect(target.rolledBack).toHaveLength(3);
    expect(target.shifts).toEqual([]);
  });

  it("waits for the way back no longer than that takes", async () => {
    const back = { at: now, why: "An alarm." };
    const { deployment } = weighed;
    if (deployment === undefined) throw new Error("It is deployed.");
    const going = { ...weighed, deployment: { ...deployment, rollBack: back } };
    expect(await scene({ kind: "under-way" }, going, 3599).run()).toEqual(watching);
    const stuck = scene({ kind: "under-way" }, going, 3600);
    await stuck.run();
    expect(stuck.target.rolledBack).toHaveLength(1);
  });
});
