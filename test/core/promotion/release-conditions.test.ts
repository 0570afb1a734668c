import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import {
  conditionsInForceSchema,
  conditionsText,
  inForceText,
  type ReleaseConditions,
  releaseConditionsSchema,
  strictest,
} from "../../../core/promotion/release-conditions.ts";

const asked: fc.Arbitrary<ReleaseConditions> = fc
  .record(
    {
      forSeconds: fc.integer({ min: 60, max: 604_800 }),
      trafficPercent: fc.integer({ min: 1, max: 50 }),
      errorPercent: fc.integer({ min: 1, max: 100 }),
      p95Milliseconds: fc.integer({ min: 1, max: 60_000 }),
    },
    { requiredKeys: ["forSeconds"] },
  )
  .filter((each) => Object.keys(each).length > 1);
const no = Number.POSITIVE_INFINITY;

describe("the strictest of several conditions", () => {
  it("is at least as strict in everything when one more is asked", () => {
    fc.assert(
      fc.property(fc.array(asked), asked, (before, more) => {
        const [was, is] = [strictest(before), strictest([...before, more])];
        expect(is?.forSeconds).toBeGreaterThanOrEqual(was?.forSeconds ?? 0);
        expect(is?.traffic?.percent ?? no).toBeLessThanOrEqual(was?.traffic?.percent ?? no);
        expect(is?.traffic?.forSeconds ?? 0).toBeGreaterThanOrEqual(was?.traffic?.forSeconds ?? 0);
        expect(is?.errorPercent ?? no).toBeLessThanOrEqual(was?.errorPercent ?? no);
        expect(is?.p95Milliseconds ?? no).toBeLessThanOrEqual(was?.p95Milliseconds ?? no);
      }),
    );
  });

  it("keeps what each of them asks, and can be written down", () => {
    fc.assert(
      fc.property(fc.array(asked, { minLength: 1 }), (all) => {
        const inForce = strictest(all);
        expect(v.is(conditionsInForceSchema, inForce)).toBe(true);
        for (const each of all) {
          expect(v.is(releaseConditionsSchema, each)).toBe(true);
          expect(strictest([...all, each])).toEqual(inForce);
        }
      }),
    );
  });

  it("does not depend on their order", () => {
    fc.assert(
      fc.property(fc.array(asked), (all) => {
        expect(strictest(all.toReversed())).toEqual(strictest(all));
      }),
    );
  });

  it("is nothing where nobody asks", () => {
    expect(strictest([])).toBeUndefined();
    expect(strictest([undefined, undefined])).toBeUndefined();
  });

  it("does not hold traffic back for as long as others watch errors", () => {
    const inForce = strictest([
      { forSeconds: 3600, trafficPercent: 10 },
      { forSeconds: 86_400, errorPercent: 1 },
    ]);
    expect(inForce).toEqual({ forSeconds: 86_400, traffic: { percent: 10, forSeconds: 3600 }, errorPercent: 1 });
    expect(inForce && inForceText(inForce)).toBe(
      "for 1 hour it gets at most 10 percent of the traffic, and for 1 day at most 1 percent of its answers are errors",
    );
  });
});

describe("conditions in words", () => {
  it.each<[ReleaseConditions, string]>([
    [{ forSeconds: 3600, trafficPercent: 10 }, "for 1 hour it gets at most 10 percent of the traffic"],
    [{ forSeconds: 86_400, p95Milliseconds: 300 }, "for 1 day 95 of 100 answers take at most 300 ms"],
    [
      { forSeconds: 900, trafficPercent: 10, errorPercent: 0.5, p95Milliseconds: 300 },
      "for 15 minutes it gets at most 10 percent of the traffic and at most 0.5 percent of its answers are errors and 95 of 100 answers take at most 300 ms",
    ],
  ])("%o", (conditions, text) => {
    expect(conditionsText(conditions)).toBe(text);
  });
});

describe("conditions that cannot be read", () => {
  it.each<[object, RegExp]>([
    [{ forSeconds: 3600 }, /must limit traffic, errors or the time/],
    [{ trafficPercent: 10 }, /forSeconds/],
    [{ forSeconds: 59, trafficPercent: 10 }, /60 or more/],
    [{ forSeconds: 3600, trafficPercent: 51 }, /50 or less/],
    [{ forSeconds: 3600, trafficPercent: 0 }, /1 or more/],
    [{ forSeconds: 3600, trafficPercent: 2.5 }, /whole number/],
    [{ forSeconds: 3600, errorPercent: 0 }, /above 0/],
    [{ forSeconds: 3600, errorPercent: Number.NaN }, /NaN/],
    [{ forSeconds: 3600, p95Milliseconds: 60_001 }, /60,000 or less/],
    [{ forSeconds: 3600, trafficPercent: 10, regions: 2 }, /regions/],
  ])("%o", (conditions, why) => {
    const { issues } = v.safeParse(releaseConditionsSchema, conditions);
    expect(issues?.map((issue) => `${v.getDotPath(issue)} ${issue.message}`).join()).toMatch(why);
  });
});
