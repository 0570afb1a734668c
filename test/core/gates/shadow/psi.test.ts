import { describe, expect, it } from "vitest";
import { type Binning, stabilityIndex } from "../../../../core/gates/shadow/psi.ts";

/** 0 to 99 in a mixed order: a tenth of them in each tenth. */
const scores = Array.from({ length: 100 }, (_, index) => (index * 41 + 13) % 100);
const below = (end: number) => scores.filter((score) => score < end);

describe.each<Binning>(["tenths", "common-scores-apart"])("stabilityIndex by %s", (binning) => {
  it("is nothing for the same distribution, in whatever order and number", () => {
    expect(stabilityIndex(scores, scores.toReversed(), binning)).toBe(0);
    expect(stabilityIndex(scores, [...scores, ...scores], binning)).toBe(0);
    expect(stabilityIndex([0.5, 0.5], [0.5], binning)).toBe(0);
  });

  it("adds up (b − a)·ln(b/a) over the tenths, with the least share for an empty one", () => {
    const shifted = 2 * (0.5 - 0.1) * Math.log(0.5 / 0.1) + 8 * (0.0001 - 0.1) * Math.log(0.0001 / 0.1);
    expect(stabilityIndex(scores, below(20), binning)).toBeCloseTo(shifted, 10);
  });

  it("counts a score on an edge to the tenth above it", () => {
    const first = 0.9 * Math.log(10) + 9 * (0.0001 - 0.1) * Math.log(0.0001 / 0.1);
    expect(stabilityIndex(scores, below(10), binning)).toBeCloseTo(first, 10);
    expect(stabilityIndex(scores, [10], binning)).toBeCloseTo(first, 10);
    expect(stabilityIndex(scores, [9, 10], binning)).toBeCloseTo(stabilityIndex(scores, [5, 15], binning) ?? 0, 10);
  });

  it("has one bin less for each edge that scores share", () => {
    const index = (1 - 0.5) * Math.log(1 / 0.5) + (0.0001 - 0.5) * Math.log(0.0001 / 0.5);
    expect(stabilityIndex([0, 1], [1], binning)).toBeCloseTo(index, 10);
  });

  it("is unknown of nothing", () => {
    expect(stabilityIndex([], [], binning)).toBeUndefined();
    expect(stabilityIndex([], scores, binning)).toBeUndefined();
    expect(stabilityIndex(scores, [], binning)).toBeUndefined();
  });
});

describe("of scores that are common", () => {
  const times = (count: number, score: number) => new Array<number>(count).fill(score);
  const rarely = [...times(95, 0), ...times(5, 1)];
  const term = (a: number, b: number) => (b - a) * Math.log(b / a);

  it("stabilityIndex sees by bins of their own that all of them became something else", () => {
    const all = term(0.95, 0.0001) + term(0.05, 1);
    expect(stabilityIndex(rarely, times(100, 1), "common-scores-apart")).toBeCloseTo(all, 10);
    const moved = term(1, 0.0001) + term(0.0001, 1);
    expect(stabilityIndex(times(9, 0.5), times(3, 0.9), "common-scores-apart")).toBeCloseTo(moved, 10);
    expect(stabilityIndex(times(9, 0.5), times(3, 0.1), "common-scores-apart")).toBeCloseTo(moved, 10);
  });

  it("stabilityIndex saw nothing of that by tenths alone, as reports of the first version say", () => {
    expect(stabilityIndex(rarely, times(100, 1), "tenths")).toBe(0);
    expect(stabilityIndex(times(9, 0.5), times(3, 0.9), "tenths")).toBe(0);
  });

  it("stabilityIndex is nought where they are as common as before, and little where a few are less", () => {
    expect(stabilityIndex(rarely, [...rarely, ...rarely].toReversed(), "common-scores-apart")).toBe(0);
    const few = term(0.95, 0.94) + term(0.05, 0.06);
    expect(stabilityIndex(rarely, [...times(94, 0), ...times(6, 1)], "common-scores-apart")).toBeCloseTo(few, 10);
  });

  it("stabilityIndex has a bin for one that two tenths begin with, and none for one that one does", () => {
    // Places 2, 4, …, 18 of 20: 5 stands at two of them, and 6 at none of its own.
    const before = [0, 1, 2, 3, 5, 5, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18];
    const apart = term(3 / 20, 0.0001) + term(1 / 20, 1);
    const rest = [2, 2, 2, 2, 2, 2, 2, 2].map((each) => term(each / 20, 0.0001));
    const sum = rest.reduce((a, b) => a + b, 0);
    expect(stabilityIndex(before, [6], "common-scores-apart")).toBeCloseTo(apart + sum, 10);
  });

  it("stabilityIndex takes none for common because there are so few of them", () => {
    const few = [0.1, 0.4, 0.7, 0.9];
    for (const after of [[0.2, 0.5, 0.8, 0.95], [0.05]])
      expect(stabilityIndex(few, after, "common-scores-apart")).toBe(stabilityIndex(few, after, "tenths"));
  });
});
