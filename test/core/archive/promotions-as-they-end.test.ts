import { describe, expect, it } from "vitest";
import type { PromotionRecord } from "../../../core/archive/pack/promotion-file.ts";
import { promotionsAsTheyEnd, recordsOfQuiet } from "../../../core/archive/promotions-as-they-end.ts";
import type { FactType } from "../../../core/promotion/fact.ts";
import { type PromotionId, promotionId } from "../../../core/promotion/promotion-id.ts";
import { digestOf, now } from "../promotion/promotion-in-review.ts";

const [ended, other] = [promotionId(digestOf("ended"), 1), promotionId(digestOf("other"), 1)];

/** Records as a log holds them, and what was inspected of each promotion, in this order. */
async function inspectedOf(log: readonly (readonly [PromotionId, FactType])[]) {
  const records = log.map(
    ([promotion, type], index): PromotionRecord => ({
      index,
      record: { recordVersion: 1, id: `${index}`, type, at: now, promotion, summary: "", body: {}, attachments: [] },
    }),
  );
  const told: (readonly [PromotionId, readonly number[]])[] = [];
  const read: number[] = [];
  const promotions = promotionsAsTheyEnd({
    inspect: async (promotion, own) => {
      told.push([promotion, own.map(({ index }) => index)]);
      return `${promotion} by ${own.length}`;
    },
    recordsAt: async (indices) => {
      read.push(...indices);
      return records.filter(({ index }) => indices.includes(index));
    },
  });
  let before = 0;
  for (const [at, [promotion]] of log.entries()) {
    const record = records[at];
    if (record !== undefined) await promotions.add(promotion, record);
    before = told.length;
  }
  return { results: await promotions.rest(), indices: promotions.indices, told, before, read };
}

const quiet = (count: number) => Array.from({ length: count }, () => [other, "held"] as const);

describe("promotions of which records come in turns", () => {
  it("are inspected once each, with all of their records, where none was quiet", async () => {
    const { results, told, before, read } = await inspectedOf([
      [ended, "request"],
      [other, "request"],
      [ended, "deployed"],
    ]);
    expect(told).toEqual([
      [ended, [0, 2]],
      [other, [1]],
    ]);
    expect(results).toEqual([`${ended} by 2`, `${other} by 1`]);
    expect([before, read]).toEqual([0, []]);
  });

  it("are inspected before the end where they have ended and nothing came for long", async () => {
    const { told, before, read } = await inspectedOf([
      [ended, "request"],
      [ended, "deployed"],
      ...quiet(2 * recordsOfQuiet),
    ]);
    expect(before).toBe(1);
    expect(told.map(([promotion, own]) => [promotion, own.length])).toEqual([
      [ended, 2],
      [other, 2 * recordsOfQuiet],
    ]);
    expect(read).toEqual([]);
  });

  it.each([
    ["it has not ended", "request", 2 * recordsOfQuiet],
    ["something came not long ago", "deployed", 2 * recordsOfQuiet - 3],
  ] as const)("wait where %s", async (_, type, count) => {
    const { before } = await inspectedOf([[ended, type], [ended, type], ...quiet(count)]);
    expect(before).toBe(0);
  });

  it("are inspected again as a whole where something comes after all", async () => {
    const log = [[ended, "request"], [ended, "deployed"], ...quiet(2 * recordsOfQuiet), [ended, "drift"]] as const;
    const last = log.length - 1;
    const { results, indices, told, read } = await inspectedOf(log);
    expect(told.filter(([promotion]) => promotion === ended)).toEqual([
      [ended, [0, 1]],
      [ended, [0, 1, last]],
    ]);
    expect(results).toEqual([`${ended} by 3`, `${other} by ${2 * recordsOfQuiet}`]);
    expect(indices.get(ended)).toEqual([0, 1, last]);
    expect(read).toEqual([0, 1, last]);
  });

  it("are inspected once again, however much comes after all", async () => {
    const { told } = await inspectedOf([
      [ended, "deployed"],
      ...quiet(2 * recordsOfQuiet),
      [ended, "drift"],
      ...quiet(4 * recordsOfQuiet),
      [ended, "rolled-back"],
    ]);
    expect(told.filter(([promotion]) => promotion === ended).map(([, own]) => own.length)).toEqual([1, 3]);
  });
});
