import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { boundText, numberText } from "../../../core/gates/number-text.ts";

describe("numberText", () => {
  it.each([
    [0.791044776119, { min: 0.72 }, "0.791"],
    [0.71996, { min: 0.72 }, "0.71996"],
    [0.7199999, { min: 0.72 }, "0.7199999"],
    [0.72, { min: 0.72 }, "0.72"],
    [0.15000001, { max: 0.15 }, "0.15000001"],
    [3, { max: 0 }, "3"],
    [null, { min: 1 }, "null"],
  ])("writes %j beside %j as %s", (value, required, text) => {
    expect(numberText(value, required)).toBe(text);
  });

  it("never writes a number on the other side of its bound", () => {
    const number = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 });
    fc.assert(
      fc.property(number, number, (value, min) => {
        expect(Number(numberText(value, { min })) >= min).toBe(value >= min);
      }),
    );
  });
});

describe("boundText", () => {
  it.each([
    [{ min: 0.72 }, "at least 0.72"],
    [{ max: 5 }, "at most 5"],
    [{ min: -0.1, max: 0.1 }, "between -0.1 and 0.1"],
  ])("writes %j as %s", (bound, text) => {
    expect(boundText(bound)).toBe(text);
  });
});
