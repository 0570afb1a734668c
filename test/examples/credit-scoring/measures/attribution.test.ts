import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { attributionOf, contributions } from "../../../../examples/credit-scoring/measures/attribution.ts";
import { type LinearModel, logOdds } from "../../../../examples/credit-scoring/scorer/serve.ts";

const model: LinearModel = {
  algorithm: "logistic-regression",
  name: "toy",
  version: "1",
  positiveClass: "Good",
  negativeClass: "Bad",
  threshold: 0.5,
  intercept: 0.25,
  features: [
    { name: "Question.a", mean: 0.5, scale: 0.5, weight: 1 },
    { name: "Question.b", mean: 0.5, scale: 0.5, weight: 1 },
    { name: "Amount", mean: 100, scale: 10, weight: -2 },
  ],
};

describe("SHAP values", () => {
  it("add up, from the expected value, to what the model says", () => {
    const value = fc.double({ min: -1000, max: 1000, noNaN: true });
    fc.assert(
      fc.property(fc.tuple(value, value, value), (row) => {
        const sum = contributions(model, row).reduce((total, one) => total + one, 0);
        expect(attributionOf(model, [row]).expectedLogOdds + sum).toBeCloseTo(logOdds(model, row), 8);
      }),
    );
  });

  it("are the weight times the distance from the mean, in standard deviations", () => {
    expect(contributions(model, [0.5, 0.5, 120])).toEqual([0, 0, -4]);
  });

  it("let answers to one question cancel out within a row", () => {
    const { global, questions } = attributionOf(model, [[1, 0, 100]]);
    expect(Object.fromEntries(global)).toEqual({ "Question.a": 1, "Question.b": 1, Amount: 0 });
    expect(Object.fromEntries(questions)).toEqual({ Question: 0, Amount: 0 });
  });
});
