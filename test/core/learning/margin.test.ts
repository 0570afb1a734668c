import { describe, expect, it } from "vitest";
import { marginOf, marginsOf } from "../../../core/learning/margin.ts";

describe("a margin", () => {
  it.each([
    ["at its bound", 0.75, { min: 0.75 }, 0],
    ["a fifth above", 1, { min: 0.8 }, 0.2],
    ["below its bound", 0.6, { min: 0.8 }, -0.25],
    ["under a maximum", 8, { max: 10 }, 0.2],
    ["in the middle of two bounds", 1, { min: 0.8, max: 1.2 }, 1],
    ["near the upper of two", 1.15, { min: 0.8, max: 1.2 }, 0.25],
    ["with a bound of nothing", 0, { min: 0 }, 0],
    ["far beyond", 100, { min: 0.001 }, 1],
  ])("%s", (_, observed, required, margin) => {
    expect(marginOf(observed, required)).toBeCloseTo(margin, 3);
  });

  it("is not close where nothing could be better", () => {
    expect(marginOf(0, { max: 0 })).toBeUndefined();
    expect(marginOf(1, { max: 0 })).toBe(-1);
    expect(marginOf(1, {})).toBeUndefined();
    expect(marginOf(0, { min: 0, max: 0 })).toBeUndefined();
    expect(marginOf(0, { min: -1, max: 0 })).toBe(0);
    expect(marginOf(0, { min: -2, max: 2 })).toBe(1);
    expect(marginOf(0, { max: 2 })).toBe(1);
  });

  it("is a share of the larger number where two bounds leave no span", () => {
    expect(marginOf(3, { min: 2, max: 2 })).toBeCloseTo(-1 / 3, 3);
    expect(marginOf(2, { min: 2, max: 2 })).toBe(0);
    expect(marginOf(4, { min: 1, max: 9 })).toBeCloseTo(0.75, 3);
    expect(marginOf(-4, { min: -5 })).toBeCloseTo(0.2, 3);
    expect(marginOf(-4, { max: -5 })).toBeCloseTo(-0.2, 3);
  });

  it("is a number of the largest numbers that there are as well", () => {
    const most = Number.MAX_VALUE;
    expect(marginOf(0, { min: -most, max: most })).toBe(1);
    expect(marginOf(most, { min: -most, max: most })).toBe(0);
    expect(marginOf(most, { min: -most })).toBe(1);
    expect(marginOf(-most, { min: most, max: -most })).toBe(-1);
  });
});

it("only findings that hold a number against a bound have a margin", () => {
  const findings = [
    { rule: "quality.auc", title: "AUC", observed: 1, required: { min: 0.8 } },
    { rule: "artifacts", title: "Artifacts", observed: "model", required: "model" },
    { rule: "quality.f1", title: "F1", observed: null, required: { min: 0.8 } },
    { rule: "quality.f2", title: "F2", observed: 1, required: {} },
    { rule: "security.critical", title: "Critical", observed: 0, required: { max: 0 } },
    "nonsense",
  ];
  expect(marginsOf({ findings })).toEqual([{ rule: "quality.auc", title: "AUC", margin: expect.closeTo(0.2) }]);
  expect(marginsOf(undefined)).toEqual([]);
});
