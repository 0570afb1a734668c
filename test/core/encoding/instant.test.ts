import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  addSeconds,
  instantFromMs,
  isInstant,
  latestFirst,
  msOfInstant,
  nearestInstant,
} from "../../../core/encoding/instant.ts";

const year9999 = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
const milliseconds = fc.integer({ min: 0, max: year9999 });

describe("an instant", () => {
  it("is written in one way", () => {
    expect(instantFromMs(0)).toBe("1970-01-01T00:00:00.000Z");
    expect(instantFromMs(Date.UTC(2026, 10, 22, 17, 3))).toBe("2026-11-22T17:03:00.000Z");
    expect(instantFromMs(year9999)).toBe("9999-12-31T23:59:59.999Z");
  });

  it("reads back, and its text is ordered as time is", () => {
    fc.assert(
      fc.property(milliseconds, milliseconds, (a, b) => {
        expect(msOfInstant(instantFromMs(a))).toBe(a);
        expect(isInstant(instantFromMs(a))).toBe(true);
        expect(instantFromMs(a) < instantFromMs(b)).toBe(a < b);
      }),
    );
  });

  it("is read as Date reads it, and no other text is", () => {
    const text = fc.oneof(
      fc.string({ minLength: 24, maxLength: 24 }),
      fc
        .tuple(milliseconds, fc.nat({ max: 23 }), fc.constantFrom(..."0123456789-:TZ. "))
        .map(([ms, at, put]) => instantFromMs(ms).slice(0, at) + put + instantFromMs(ms).slice(at + 1)),
    );
    fc.assert(
      fc.property(text, (given) => {
        const ms = Date.parse(given);
        const written = ms >= 0 && new Date(ms).toISOString() === given;
        expect(isInstant(given)).toBe(written);
        if (isInstant(given)) expect(msOfInstant(given)).toBe(ms);
      }),
      { numRuns: 2_000 },
    );
  });

  it("moves by seconds, fractions of them too, both ways", () => {
    const at = instantFromMs(Date.UTC(2026, 11, 31, 23, 59, 59));
    expect(addSeconds(at, 1)).toBe("2027-01-01T00:00:00.000Z");
    expect(addSeconds(at, -0.5)).toBe("2026-12-31T23:59:58.500Z");
  });

  it("moves no further than there are any", () => {
    const [first, last] = [instantFromMs(0), instantFromMs(year9999)];
    for (const seconds of [1, 900, 2 ** 53 - 1]) {
      expect(addSeconds(first, -seconds)).toBe(first);
      expect(addSeconds(last, seconds)).toBe(last);
    }
    expect(addSeconds(last, -900)).toBe("9999-12-31T23:44:59.999Z");
  });

  it.each([
    [1_795_000_000_001, "2026-11-18T11:06:40.001Z"],
    [-1, "1970-01-01T00:00:00.000Z"],
    [year9999 + 1, "9999-12-31T23:59:59.999Z"],
  ])("is nearest to %s", (ms, instant) => {
    expect(nearestInstant(ms)).toBe(instant);
  });

  it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, year9999 + 1])("is not made from %s", (ms) => {
    expect(() => instantFromMs(ms)).toThrow(expect.objectContaining({ code: "invalid-request" }));
  });

  it.each([
    ["no milliseconds", "2026-11-22T17:03:00Z"],
    ["microseconds", "2026-11-22T17:03:00.000000Z"],
    ["an offset", "2026-11-22T17:03:00.000+00:00"],
    ["a small z", "2026-11-22T17:03:00.000z"],
    ["a space", "2026-11-22 17:03:00.000Z"],
    ["a day that there is not", "2026-02-29T00:00:00.000Z"],
    ["an hour that there is not", "2026-11-22T24:00:00.000Z"],
    ["a leap second", "2016-12-31T23:59:60.000Z"],
    ["a year before 1970", "1969-12-31T23:59:59.999Z"],
    ["a year of six digits", "+010000-01-01T00:00:00.000Z"],
    ["a line break", "2026-11-22T17:03:00.000Z\n"],
  ])("is not read with %s", (_, text) => {
    expect(isInstant(text)).toBe(false);
  });

  it("is no number and nothing else", () => {
    for (const value of [0, null, undefined, new Date(0), {}]) expect(isInstant(value)).toBe(false);
  });
});

describe("what happened, the latest first", () => {
  afterEach(() => vi.restoreAllMocks());

  const things = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 8 });
  const sorted = (seconds: readonly number[]) =>
    latestFirst(
      seconds.map((second, place) => ({ second, place })),
      ({ second }) => instantFromMs(second * 1000),
    );
  /** Another engine's, which asks about what stands before first; both are right by the language. */
  function mergedFromTheLeft<Thing>(this: Thing[], compare: (a: Thing, b: Thing) => number): Thing[] {
    const list: Thing[] = [];
    for (const thing of this) {
      const after = list.findIndex((before) => compare(before, thing) > 0);
      list.splice(after < 0 ? list.length : after, 0, thing);
    }
    return list;
  }

  it("has of one instant first what stood last, by whatever engine", () => {
    fc.assert(
      fc.property(things, (seconds) => {
        vi.restoreAllMocks();
        const here = sorted(seconds);
        for (const [at, { second, place }] of here.entries()) {
          const before = here[at - 1];
          if (before === undefined) continue;
          expect(before.second > second || (before.second === second && before.place > place)).toBe(true);
        }
        vi.spyOn(Array.prototype, "toSorted").mockImplementation(mergedFromTheLeft as never);
        expect(sorted(seconds)).toEqual(here);
      }),
    );
  });
});
