import { describe, expect, it } from "vitest";
import { stabilityIndex } from "../../../../core/gates/shadow/psi.ts";

/** 0 to 99 in a mixed order: a tenth of them in each tenth. */
const scores = Array.from({ length: 100 }, (_, index) => (index * 41 + 13) % 100);
const below = (end: number) => scores.filter((score) => score < end);

describe("stabilityIndex", () => {
  it("is nothing for the same distribution, in whatever order and number", () => {
    expect(stabilityIndex(scores, scores.toReversed())).toBe(0);
    expect(stabilityIndex(scores, [...scores, ...scores])).toBe(0);
    expect(stabilityIndex([0.5, 0.5], [0.5])).toBe(0);
  });

  it("adds up (b − a)·ln(b/a) over the tenths, with the least share for an empty one", () => {
    const shifted = 2 * (0.5 - 0.1) * Math.log(0.5 / 0.1) + 8 * (0.0001 - 0.1) * Math.log(0.0001 / 0.1);
    expect(stabilityIndex(scores, below(20))).toBeCloseTo(shifted, 10);
  });

  it("counts a score on an edge to the tenth above it", () => {
    const first = 0.9 * Math.log(10) + 9 * (0.0001 - 0.1) * Math.log(0.0001 / 0.1);
    expect(stabilityIndex(scores, below(10))).toBeCloseTo(first, 10);
    expect(stabilityIndex(scores, [10])).toBeCloseTo(first, 10);
    expect(stabilityIndex(scores, [9, 10])).toBeCloseTo(stabilityIndex(scores, [5, 15]) ?? 0, 10);
  });

  it("has one bin less for each edge that scores share", () => {
    const index = (1 - 0.5) * Math.log(1 / 0.5) + (0.0001 - 0.5) * Math.log(0.0001 / 0.5);
    expect(stabilityIndex([0, 1], [1])).toBeCloseTo(index, 10);
  });

  it("is unknown of nothing", () => {
    expect(stabilityIndex([], [])).toBeUndefined();
    expect(stabilityIndex([], scores)).toBeUndefined();
    expect(stabilityIndex(scores, [])).toBeUndefined();
  });
});
