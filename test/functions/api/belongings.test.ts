import { describe, expect, it } from "vitest";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import { belongingsOf } from "../../../functions/api/read-promotions/belongings.ts";
import { now } from "../../core/promotion/promotion-in-review.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { byCora, inReview } from "./reading-scene.ts";

function scene() {
  const store = new MemoryPromotions([inReview], [byCora]);
  const clock = { at: now as Instant };
  const reads: string[] = [];
  let fails = false;
  const belongings = belongingsOf({
    now: () => clock.at,
    promotions: {
      signOffs: async (id) => {
        reads.push(id);
        if (fails) throw new Failure("unavailable", "Too many.");
        return store.signOffs(id);
      },
      loans: store.loans,
      facts: store.facts,
      outcomes: store.outcomes,
      countOutcomes: store.countOutcomes,
    },
  });
  return { store, clock, reads, belongings, failing: (is: boolean) => (fails = is) };
}

const letter = (at: number) => ({
  id: `${inReview.id}/asked/1/${at}`,
  ...{
    type: "notification-sent" as const,
    at: addSeconds(now, at),
    promotion: inReview.id,
    summary: `Letter ${at}.`,
    body: {},
    attachments: [],
  },
});

describe("what belongs to a promotion", () => {
  it("is read once for all pages that ask again, and anew after five seconds", async () => {
    const { belongings, clock, reads } = scene();
    const first = await belongings(inReview, true);
    expect(await belongings(inReview, true)).toBe(first);
    clock.at = addSeconds(now, 4);
    expect(await belongings(inReview, true)).toBe(first);
    expect(reads).toHaveLength(1);
    clock.at = addSeconds(now, 5);
    expect(await belongings(inReview, true)).not.toBe(first);
    expect(reads).toHaveLength(2);
  });

  it("is read anew for whoever asks for the first time, and for all once the promotion has moved on", async () => {
    const { belongings, reads } = scene();
    await belongings(inReview, true);
    const fresh = await belongings(inReview, false);
    expect(await belongings(inReview, true)).toBe(fresh);
    expect(reads).toHaveLength(2);
    await belongings({ ...inReview, revision: inReview.revision + 1 }, true);
    expect(reads).toHaveLength(3);
  });

  it("is asked for again where reading failed", async () => {
    const { belongings, failing } = scene();
    failing(true);
    await expect(belongings(inReview, true)).rejects.toThrow("Too many.");
    failing(false);
    expect((await belongings(inReview, true)).signOffs).toHaveLength(1);
  });

  it("has the newest letters and reports of drift alone, and says how many older ones there are", async () => {
    const { belongings, store } = scene();
    expect((await belongings(inReview, false)).older).toBeUndefined();
    for (let at = 0; at < 507; at += 1) await store.recordFact(letter(at));
    for (let hour = 0; hour < 203; hour += 1)
      await store.recordFact({ ...letter(hour), id: `${inReview.id}/drift/m/${hour}`, type: "drift" });
    await store.recordFact({ ...letter(-1), id: `${inReview.id}/question/1`, type: "question" });
    const { facts, older } = await belongings(inReview, false);
    expect(older).toEqual({ letters: 7, drift: 3, outcomes: 0 });
    expect(facts.filter(({ type }) => type === "notification-sent").map(({ summary }) => summary)).toEqual(
      Array.from({ length: 500 }, (_, at) => `Letter ${at + 7}.`),
    );
    expect(facts.filter(({ type }) => type === "drift")).toHaveLength(200);
    expect(facts.filter(({ type }) => type === "question")).toHaveLength(1);
  });
});
