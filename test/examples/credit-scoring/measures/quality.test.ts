import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { calibrationOf } from "../../../../examples/credit-scoring/measures/calibration.ts";
import {
  confusionOf,
  ratesOf,
  type Scored,
  wilsonInterval,
} from "../../../../examples/credit-scoring/measures/confusion.ts";
import { areaUnderCurve, averagePrecision, cutsOf } from "../../../../examples/credit-scoring/measures/ranking.ts";

const row = fc.record({ positive: fc.boolean(), score: fc.constantFrom(0.1, 0.2, 0.3, 0.5, 0.7, 0.9) });
const bothClasses: readonly Scored[] = [
  { positive: true, score: 0.5 },
  { positive: false, score: 0.5 },
];

describe("the confusion matrix", () => {
  it("counts a score at the threshold as positive", () => {
    expect(confusionOf([{ positive: true, score: 0.5 }], 0.5).truePositives).toBe(1);
  });

  it("gives the rates of the Model Monitor documentation's example", () => {
    const rates = ratesOf({ truePositives: 1, falsePositives: 2, falseNegatives: 0, trueNegatives: 1 });
    expect(rates).toMatchObject({ accuracy: 0.5, recall: 1, f1: 0.5 });
    expect(rates.f0_5).toBeCloseTo(0.3846153846153846, 12);
    expect(rates.f2).toBeCloseTo(0.7142857142857143, 12);
  });

  // Newcombe, Statistics in Medicine 17 (1998), table I.
  it.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
  ])("has Newcombe's interval for %d of %d", (successes, trials, lower, upper) => {
    const interval = wilsonInterval(successes, trials);
    expect(interval.lower).toBeCloseTo(lower, 4);
    expect(interval.upper).toBeCloseTo(upper, 4);
  });
});

describe("the ranking", () => {
  it("is the area under the points of its own curve, ties included", () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 40 }), (some) => {
        const rows = [...bothClasses, ...some];
        const points = [{ falsePositiveRate: 0, truePositiveRate: 0 }, ...cutsOf(rows)];
        const area = points.slice(1).reduce((sum, point, index) => {
          const before = points[index] ?? point;
          const width = point.falsePositiveRate - before.falsePositiveRate;
          return sum + (width * (point.truePositiveRate + before.truePositiveRate)) / 2;
        }, 0);
        expect(area).toBeCloseTo(areaUnderCurve(rows), 10);
      }),
    );
  });

  it("is perfect where every positive row scores above every other", () => {
    const rows = [
      { positive: true, score: 0.9 },
      { positive: false, score: 0.1 },
    ];
    expect(areaUnderCurve(rows)).toBe(1);
    expect(averagePrecision(cutsOf(rows))).toBe(1);
  });
});

describe("calibration", () => {
  it("puts every row into one bin, a score of 1 into the last", () => {
    const { bins } = calibrationOf([...bothClasses, { positive: true, score: 1 }]);
    expect(bins.map((bin) => bin.count)).toEqual([0, 0, 0, 0, 0, 2, 0, 0, 0, 1]);
  });

  it("is Brier's quarter for a coin", () => {
    expect(calibrationOf(bothClasses).brierScore).toBe(0.25);
    expect(calibrationOf(bothClasses).expectedCalibrationError).toBe(0);
  });
});
