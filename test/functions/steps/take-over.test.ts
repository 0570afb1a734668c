import { describe, expect, it } from "vitest";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { freezeDigest } from "../../../core/promotion/freeze-manifest.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import { type TakeOverPorts, takeOver } from "../../../functions/steps/evaluate-gates/take-over.ts";
import { manifest, now, promotionAtTheGates, promotionInReview } from "../../core/promotion/promotion-in-review.ts";
import { Crashed, crashing } from "../crash.ts";
import { MemoryLanes } from "../memory-lanes.ts";
import { MemoryPromotions } from "../memory-promotions.ts";

function candidate(version: string, seconds: number, over: Partial<Promotion> = {}): Promotion {
  const own = { ...manifest, model: { ...manifest.model, version } };
  const digest = freezeDigest(own);
  const base = over.status === undefined ? promotionAtTheGates() : promotionInReview();
  return {
    ...base,
    id: promotionId(digest, 1),
    manifest: own,
    freezeDigest: digest,
    submittedAt: addSeconds(now, seconds),
    ...over,
  };
}

const older = candidate("1.4.0", 0, { status: "in-review" });
const newer = candidate("1.5.0", 60);

function scene(...stored: readonly Promotion[]) {
  const promotions = new MemoryPromotions(stored);
  const ports: TakeOverPorts = {
    now: () => addSeconds(now, 300),
    promotions,
    lanes: new MemoryLanes(),
    keepSignOffs: async () => ({ kept: [], fallen: [] }),
  };
  const run = (promotion: Promotion, using = ports) => takeOver(using)(promotions.stored(promotion.id));
  return { promotions, ports, run };
}

describe("a candidate whose gates passed", () => {
  it("takes the place of the one in review, and both records say so", async () => {
    const { promotions, run } = scene(older, newer);
    await run(older);
    await run(newer);
    expect(promotions.stored(older.id)).toMatchObject({
      status: "superseded",
      supersededBy: newer.id,
      stage: { open: false },
    });
    expect(promotions.stored(newer.id)).toMatchObject({
      status: "gating",
      history: [
        {
          type: "supersedes",
          summary: "It takes the place of 1.4.0, which was still open for the same model and target.",
          body: { promotions: [{ id: older.id, freezeDigest: older.freezeDigest }] },
        },
      ],
    });
  });

  it("gives way where a newer one was quicker at the gates", async () => {
    const slow = candidate("1.4.0", 0);
    const { promotions, run } = scene(slow, newer);
    await run(newer);
    expect(await run(slow)).toMatchObject({ status: "superseded", supersededBy: newer.id });
    expect(promotions.stored(newer.id).history).toEqual([]);
  });

  it.each(["deploying", "deployed", "rejected"] as const)("leaves one alone that is %s", async (status) => {
    const left = candidate("1.4.0", 0, { status });
    const { promotions, run } = scene(left, newer);
    await run(left);
    await run(newer);
    expect(promotions.stored(left.id)).toEqual(left);
    expect(promotions.stored(newer.id).history).toEqual([]);
  });

  it("says nothing more once people are asked: the step that runs a second time was late", async () => {
    const asked = { ...newer, status: "in-review" as const };
    const { promotions, run } = scene(older, asked);
    await run(older);
    await run(asked);
    expect(promotions.stored(older.id).supersededBy).toBe(asked.id);
    expect(promotions.stored(asked.id)).toEqual(asked);
  });

  it("leaves other models and other targets alone", async () => {
    const other = { ...older.manifest, model: { ...older.manifest.model, name: "fraud" } };
    const elsewhere = candidate("1.4.0", 0, { status: "in-review", manifest: other });
    const { promotions, run } = scene(elsewhere, newer);
    await run(elsewhere);
    await run(newer);
    expect(promotions.stored(elsewhere.id).status).toBe("in-review");
  });

  it("come two at once: the later submission stands, the earlier gives way, whoever writes first", async () => {
    for (const order of [
      [older, newer],
      [newer, older],
    ]) {
      const { promotions, run } = scene(older, newer);
      await Promise.all(order.map((each) => run(each)));
      expect(promotions.stored(older.id).supersededBy).toBe(newer.id);
      expect(promotions.stored(newer.id).status).toBe("gating");
    }
  });

  it("ends the same wherever its function dies and is run again", async () => {
    const whole = scene(older, newer);
    await whole.run(older);
    const counted = crashing(whole.ports);
    await whole.run(newer, counted.ports);
    for (let call = 1; call <= counted.calls(); call++) {
      for (const moment of ["before", "after"] as const) {
        const { promotions, ports, run } = scene(older, newer);
        await run(older);
        await expect(run(newer, crashing(ports, { call, moment }).ports)).rejects.toBeInstanceOf(Crashed);
        await run(newer);
        expect(promotions.stored(older.id)).toEqual(whole.promotions.stored(older.id));
        expect(promotions.stored(newer.id)).toEqual(whole.promotions.stored(newer.id));
      }
    }
  });

  it("sees to those whom a head displaced that died before it could", async () => {
    const newest = candidate("1.6.0", 120);
    const { promotions, ports, run } = scene(older, newer, newest);
    await run(older);
    // The third call is the one that would supersede: the lane is taken, and nothing else is done.
    await expect(run(newer, crashing(ports, { call: 3, moment: "before" }).ports)).rejects.toBeInstanceOf(Crashed);
    await run(newest);
    expect(promotions.stored(older.id).supersededBy).toBe(newest.id);
    expect(promotions.stored(newer.id).supersededBy).toBe(newest.id);
  });
});
