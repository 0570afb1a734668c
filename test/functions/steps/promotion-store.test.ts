import { describe, expect, it } from "vitest";
import { Failure } from "../../../core/failure.ts";
import { advance } from "../../../core/promotion/life-cycle.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { moveOn } from "../../../functions/steps/promotion-store.ts";
import { step } from "../../../functions/steps/step.ts";
import { id, now, promotionInReview } from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { MemoryPromotions } from "../memory-promotions.ts";

const fact = { type: "gates", at: now, summary: "Something.", body: {}, attachments: [] } as const;

/** A table that answers no write in time; `meanwhile` happens while each is awaited. */
function slowPromotions(meanwhile: (next: Promotion) => unknown) {
  const tried: number[] = [];
  return Object.assign(new MemoryPromotions([promotionInReview()]), {
    tried,
    move: async (next: Promotion) => {
      tried.push(next.revision);
      meanwhile(next);
      return "late" as const;
    },
  });
}

describe("moving a promotion on", () => {
  it("starts again from what is stored when somebody else was quicker", async () => {
    const promotions = new MemoryPromotions([promotionInReview()]);
    const seen: number[] = [];
    const moved = await moveOn(promotions, id, (current) => {
      seen.push(current.revision);
      if (seen.length === 1) promotions.put(advance(current, {}, fact));
      return advance(current, { reason: `from ${current.revision}` }, fact);
    });
    expect(seen).toEqual([4, 5]);
    expect(moved).toMatchObject({ revision: 6, reason: "from 5" });
    expect(promotions.stored(id)).toEqual(moved);
  });

  it("loses no change of twenty at once", async () => {
    const promotions = new MemoryPromotions([promotionInReview()]);
    await Promise.all(
      Array.from({ length: 20 }, () => moveOn(promotions, id, (current) => advance(current, {}, fact))),
    );
    expect(promotions.stored(id).history.map((each) => each.id)).toEqual(
      Array.from({ length: 20 }, (_, index) => `${id}/${index}`),
    );
  });

  it("that the table takes no write of in time ends after three of them, and says that it may pass", async () => {
    const promotions = slowPromotions(() => {});
    expect(await refused(moveOn(promotions, id, (current) => advance(current, {}, fact)))).toEqual({
      code: "unavailable",
      sentence: "The promotion could not be moved on in time: try again.",
    });
    expect(promotions.tried).toEqual([5, 5, 5]);
    expect(promotions.stored(id)).toEqual(promotionInReview());
  });

  it("finds at once what was written although nobody heard of it in time", async () => {
    const promotions = slowPromotions((next) => promotions.tried.length === 3 && promotions.put(next));
    const withdrawn = await moveOn(promotions, id, (current) =>
      current.status === "withdrawn" ? undefined : advance(current, { status: "withdrawn" }, fact),
    );
    expect(withdrawn).toMatchObject({ status: "withdrawn", revision: 5 });
    expect(promotions.tried).toEqual([5, 5, 5]);
  });

  it("goes on for as long as others move it", async () => {
    const promotions = slowPromotions(() => {
      const { tried } = promotions;
      if (tried.length < 6) promotions.put(advance(promotions.stored(id), {}, fact));
    });
    expect((await refused(moveOn(promotions, id, (current) => advance(current, {}, fact)))).code).toBe("unavailable");
    expect(promotions.tried).toEqual([5, 6, 7, 8, 9, 10, 10, 10]);
  });

  it("answers what is there when there is nothing to do", async () => {
    const promotions = new MemoryPromotions([promotionInReview()]);
    expect(await moveOn(promotions, id, () => undefined)).toEqual(promotionInReview());
    expect(promotions.moves).toEqual([]);
  });

  it("of a promotion that is not there is refused", async () => {
    expect((await refused(moveOn(new MemoryPromotions(), id, () => undefined))).code).toBe("not-found");
  });
});

describe("a step's error", () => {
  const run = (thrown: unknown) => {
    const lines: string[] = [];
    const handler = step(
      async () => {
        throw thrown;
      },
      (level, message, fields) => void lines.push(JSON.stringify({ level, message, ...fields })),
    );
    return { outcome: handler({ promotionId: id }), lines };
  };

  it("reaches the machine under its code, so that it can tell what may pass", async () => {
    await expect(run(new Failure("unavailable", "Please try again.")).outcome).rejects.toMatchObject({
      name: "unavailable",
      message: "Please try again.",
    });
  });

  it("that nobody knows stays what it is: the machine tries it again by no name of ours", async () => {
    const thrown = new TypeError("It is undefined.");
    await expect(run(thrown).outcome).rejects.toBe(thrown);
    expect(thrown.name).toBe("TypeError");
  });

  it("is logged by name and place, and not by what it says", async () => {
    const { outcome, lines } = run(new Error("AQ token"));
    await expect(outcome).rejects.toThrow("AQ token");
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(id);
    expect(lines[0]).not.toContain("AQ token");
  });
});
