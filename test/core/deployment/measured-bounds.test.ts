import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { whyBeyond } from "../../../core/deployment/measured-bounds.ts";

const bounds = { errorPercent: 1, p95Milliseconds: 200 };

describe("bounds of a release that is measured", () => {
  it.each([
    ["nothing was asked of it", {}, undefined],
    ["nothing was asked of it, though errors were counted", { requests: 0, errors: 3 }, undefined],
    ["no error was ever counted", { requests: 10, p95Milliseconds: 200 }, undefined],
    ["as many errors as are allowed", { requests: 100, errors: 1, p95Milliseconds: 1 }, undefined],
    [
      "more errors",
      { requests: 90, errors: 1, p95Milliseconds: 1 },
      "answered 1.11 percent of its requests with an error, and 1 is the most",
    ],
    [
      "slow answers",
      { requests: 100, p95Milliseconds: 200.4 },
      "took more than 200 ms for 5 of 100 answers, and 200 is the most",
    ],
    ["answers of which nobody knows how fast", { requests: 1 }, "answered requests, and nobody measured how fast"],
  ])("are judged where there were %s", (_, measured, why) => {
    expect(whyBeyond(bounds, measured)).toBe(why);
  });

  it("are never kept by more errors where fewer broke them", () => {
    const positive = fc.integer({ min: 1, max: 1e6 });
    fc.assert(
      fc.property(
        positive,
        positive,
        fc.double({ min: 0.1, max: 100, noNaN: true }),
        (requests, errors, errorPercent) => {
          fc.pre(whyBeyond({ errorPercent }, { requests, errors }) !== undefined);
          expect(whyBeyond({ errorPercent }, { requests, errors: errors + 1 })).toBeDefined();
        },
      ),
    );
  });
});
