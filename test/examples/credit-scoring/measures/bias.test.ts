import { describe, expect, it } from "vitest";
import {
  type BiasMetric,
  postTrainingBias,
  preTrainingBias,
} from "../../../../examples/credit-scoring/measures/bias.ts";
import type { Confusion } from "../../../../examples/credit-scoring/measures/confusion.ts";

function value(metrics: readonly BiasMetric[], name: string): number {
  const found = metrics.find((metric) => metric.name === name);
  if (found === undefined) throw new Error(`There is no ${name}.`);
  return found.value;
}

function outcomes(counts: Partial<Confusion>): Confusion {
  return { truePositives: 0, falsePositives: 0, falseNegatives: 0, trueNegatives: 0, ...counts };
}

describe("bias before training", () => {
  // Expected by the integration test of github.com/aws/amazon-sagemaker-clarify, on these counts of the German data.
  const metrics = preTrainingBias({ positive: 28, negative: 4 }, { positive: 608, negative: 260 });

  it.each([
    ["CI", -0.9288888888888889],
    ["DPL", 0.17453917050691248],
    ["KL", 0.08543332780657628],
    ["LP", 0.2468356620962257],
  ])("agrees with Clarify on %s", (name, expected) => {
    expect(value(metrics, name)).toBeCloseTo(expected, 12);
  });

  it("sees no bias in equal groups", () => {
    const equal = { positive: 7, negative: 3 };
    expect(preTrainingBias(equal, equal).map((metric) => metric.value)).toEqual([0, 0, 0, 0, 0, 0, 0]);
  });
});

describe("bias after training", () => {
  it("agrees with the documentation's example of conditional rejection", () => {
    // 100 of facet a with 60 rejected by the model and 50 in truth; 50 of facet d with 30 and 40.
    const a = outcomes({ trueNegatives: 50, falseNegatives: 10, truePositives: 40 });
    const d = outcomes({ trueNegatives: 30, falsePositives: 10, truePositives: 10 });
    expect(value(postTrainingBias(a, d), "DCR")).toBeCloseTo(40 / 30 - 50 / 60, 12);
    expect(value(postTrainingBias(a, d), "DPPL")).toBe(0);
    expect(value(postTrainingBias(a, d), "DI")).toBe(1);
  });

  it("agrees with the documentation's example of treatment equality, in the library's direction", () => {
    const a = outcomes({ truePositives: 60, trueNegatives: 26, falseNegatives: 8, falsePositives: 6 });
    const d = outcomes({ truePositives: 30, trueNegatives: 13, falseNegatives: 5, falsePositives: 2 });
    expect(value(postTrainingBias(a, d), "TE")).toBeCloseTo(5 / 2 - 8 / 6, 12);
    expect(value(postTrainingBias(a, d), "AD")).toBeCloseTo(0, 12);
  });

  it("is positive where facet d is accepted less often, and right less often", () => {
    const a = outcomes({ truePositives: 8, trueNegatives: 2 });
    const d = outcomes({ truePositives: 4, falseNegatives: 4, trueNegatives: 2 });
    const metrics = postTrainingBias(a, d);
    expect(value(metrics, "DPPL")).toBeCloseTo(0.4, 12);
    expect(value(metrics, "DI")).toBeCloseTo(0.5, 12);
    expect(value(metrics, "RD")).toBeCloseTo(0.5, 12);
    expect(value(metrics, "AD")).toBeCloseTo(0.4, 12);
  });

  it("is infinite where one group alone has nothing to divide by, and zero where both have", () => {
    const rejectsNobody = outcomes({ truePositives: 5, falsePositives: 1 });
    const rejectsSome = outcomes({ truePositives: 5, trueNegatives: 1 });
    expect(value(postTrainingBias(rejectsSome, rejectsNobody), "DCR")).toBe(Number.POSITIVE_INFINITY);
    expect(value(postTrainingBias(rejectsNobody, rejectsNobody), "DCR")).toBe(0);
  });
});
