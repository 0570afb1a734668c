import { describe, expect, it } from "vitest";
import { inTurn, median } from "../../bench/figure.ts";

describe("figures", () => {
  it.each([
    [[3], 3],
    [[1, 9, 2], 2],
    [[4, 1, 3, 2], 2.5],
  ])("the median of %j is %d", (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  it("contenders are run in turn, and once before anything is measured", () => {
    const order: string[] = [];
    const contender = (name: string) => ({ rounds: 1, run: () => order.push(name) });
    inTurn(contender("ours"), contender("peer"), { turns: 2 });
    expect(order).toEqual(["ours", "peer", "ours", "peer", "ours", "peer"]);
  });
});
