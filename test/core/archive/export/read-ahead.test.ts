import { describe, expect, it } from "vitest";
import { readAhead } from "../../../../core/archive/export/read-ahead.ts";

describe("reading ahead", () => {
  it("keeps the order, with so many under way and no more", async () => {
    let underWay = 0;
    let most = 0;
    const results: number[] = [];
    const work = async (value: number) => {
      underWay += 1;
      most = Math.max(most, underWay);
      // The later, the sooner it is there.
      for (let turn = 0; turn < 10 - value; turn += 1) await Promise.resolve();
      underWay -= 1;
      return value;
    };
    for await (const value of readAhead([1, 2, 3, 4, 5, 6, 7], 3, work)) results.push(value);
    expect([results, most]).toEqual([[1, 2, 3, 4, 5, 6, 7], 3]);
  });

  it("throws where the turn of what failed comes, not before", async () => {
    const results: number[] = [];
    const run = async () => {
      const work = async (value: number) => (value === 3 ? Promise.reject(new Error("three")) : value);
      for await (const value of readAhead([1, 2, 3, 4], 4, work)) results.push(value);
    };
    await expect(run()).rejects.toThrow("three");
    expect(results).toEqual([1, 2]);
  });
});
