import { describe, expect, it } from "vitest";
import type { Instant } from "../../../core/encoding/instant.ts";
import { decide } from "../../../functions/streams/decide/handler.ts";
import { id, openStage, promotionInReview } from "../../core/promotion/promotion-in-review.ts";
import { Crashed, crashing } from "../crash.ts";
import { byDana, bySam, compliance, first, scene, second, settledFirst } from "./deciding.ts";

describe("decide, when the process dies", () => {
  const complete = [compliance, byDana, bySam];
  /** load, sign-offs, directory, move, find, ring, forget */
  const total = 8;
  const moments = Array.from({ length: total }, (_, index) => index + 1).flatMap((call) =>
    (["before", "after"] as const).map((moment) => [moment, call] as const),
  );

  it("touches the outside as often as the crashes below assume", async () => {
    const counted = crashing(scene(second, complete).ports);
    await decide(counted.ports)(id);
    expect(counted.calls()).toBe(total);
  });

  it.each(moments)("%s call %i comes to the same when it runs again", async (moment, call) => {
    const { promotions, rung, tokens, ports } = scene(second, complete);
    await expect(decide(crashing(ports, { call, moment }).ports)(id)).rejects.toBeInstanceOf(Crashed);
    await decide(ports)(id);
    expect(promotions.moves.map(({ status }) => status)).toEqual(["approved"]);
    expect(promotions.stored(id).revision).toBe(second.revision + 1);
    expect(rung.length).toBeGreaterThanOrEqual(1);
    expect(rung.every(({ answer }) => JSON.stringify(answer) === '{"outcome":"quorum"}')).toBe(true);
    expect(tokens.size).toBe(0);
  });
});

describe("decide, run many times at once", () => {
  it("moves the promotion once", async () => {
    const { promotions, rung, ports } = scene(second, [compliance, byDana, bySam]);
    await Promise.all(Array.from({ length: 20 }, () => decide(ports)(id)));
    expect(promotions.moves).toHaveLength(1);
    expect(rung.filter(({ token }) => token === "token-1").length).toBeGreaterThanOrEqual(1);
  });

  it("starts again from what another wrote meanwhile", async () => {
    const { promotions, rung, ports } = scene(first, [compliance]);
    let interfered = false;
    const load = async (promotionId: typeof id) => {
      const loaded = await promotions.load(promotionId);
      if (!interfered) promotions.put({ ...first, revision: first.revision + 1, status: "withdrawn" });
      interfered = true;
      return loaded;
    };
    await decide({ ...ports, promotions: { ...ports.promotions, load } })(id);
    expect(promotions.moves).toEqual([]);
    expect(rung.map(({ answer }) => answer)).toEqual([{ outcome: "withdrawn" }]);
  });

  it("does not answer a stage's new token with the old stage's decision", async () => {
    const between = promotionInReview({
      stage: openStage(1, { openedAt: "2026-11-23T12:00:00.000Z" as Instant }),
      settled: [settledFirst],
    });
    const { rung, ports } = scene(between, [compliance]);
    await decide(ports)(id);
    expect(rung).toEqual([]);
  });
});
