import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { medianOf, rateOf } from "../../../core/learning/interval.ts";

describe("a share", () => {
  // Values of the interval as R's prop.test(x, n, correct = FALSE) gives them.
  it.each([
    [0, 10, 0, 0.2775],
    [5, 10, 0.2366, 0.7634],
    [81, 263, 0.2553, 0.3662],
    [10, 10, 0.7225, 1],
  ])("of %i of %i has its Wilson interval", (count, of, low, high) => {
    const rate = rateOf(count, of);
    expect([rate.low, rate.high]).toEqual([expect.closeTo(low, 4), expect.closeTo(high, 4)]);
  });

  it("of nothing says nothing", () => {
    expect(rateOf(0, 0)).toEqual({ count: 0, of: 0, low: 0, high: 1 });
  });

  it("lies within its interval, which is narrower the more cases there are", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.integer({ min: 0, max: 5000 }),
        fc.constantFrom(2, 3, 10),
        (of, some, times) => {
          const count = some % (of + 1);
          const [few, many] = [rateOf(count, of), rateOf(count * times, of * times)];
          expect(few.low).toBeLessThanOrEqual(count / of);
          expect(few.high).toBeGreaterThanOrEqual(count / of);
          expect(many.high - many.low).toBeLessThan(few.high - few.low);
        },
      ),
    );
  });
});

describe("a median", () => {
  it("is the middle, or half-way between the two", () => {
    expect(medianOf([9, 1, 5])).toMatchObject({ value: 5, of: 3, low: 1, high: 9 });
    expect(medianOf([1, 2, 3, 10])).toMatchObject({ value: 2.5, of: 4 });
    expect(medianOf([])).toBeUndefined();
  });

  it("lies within its interval, whose ends are numbers that were given", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, min: 0, max: 1e6 }), { minLength: 1, maxLength: 60 }),
        (numbers) => {
          const { value, low, high } = medianOf(numbers) ?? expect.unreachable();
          expect(numbers).toContain(low);
          expect(numbers).toContain(high);
          expect(low <= value && value <= high).toBe(true);
        },
      ),
    );
  });

  it("of a hundred numbers has the ranks 40 and 61 for ends (Conover, Practical Nonparametric Statistics, 3.2)", () => {
    const numbers = Array.from({ length: 100 }, (_, index) => index + 1);
    expect(medianOf(numbers)).toMatchObject({ value: 50.5, low: 40, high: 61 });
  });
});
