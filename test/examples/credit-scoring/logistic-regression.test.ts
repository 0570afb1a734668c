import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitLogisticRegression, solveCholesky } from "../../../examples/credit-scoring/logistic-regression.ts";

describe("the fit", () => {
  it("finds the log-odds of two groups when nothing is penalised", () => {
    // 1 of 4 in the first group, 3 of 4 in the second: log-odds −ln 3 and +ln 3.
    const rows = [0, 0, 0, 0, 1, 1, 1, 1].map((value) => [value]);
    const fit = fitLogisticRegression(rows, [true, false, false, false, true, true, true, false], 0);
    const logOdds = (value: number) =>
      fit.intercept + ((fit.weights[0] ?? 0) * (value - (fit.means[0] ?? 0))) / (fit.scales[0] ?? 1);
    expect(logOdds(0)).toBeCloseTo(-Math.log(3), 10);
    expect(logOdds(1)).toBeCloseTo(Math.log(3), 10);
  });

  it("stands where the gradient of the penalised loss is zero", () => {
    const sample = fc.tuple(
      fc.double({ min: -5, max: 5, noNaN: true }),
      fc.double({ min: -5, max: 5, noNaN: true }),
      fc.boolean(),
    );
    fc.assert(
      fc.property(
        fc.array(sample, { minLength: 4, maxLength: 30 }),
        fc.double({ min: 0.5, max: 20, noNaN: true }),
        (samples, l2) => {
          // Newton's method needs both classes for an intercept to exist.
          const all = [...samples, [1, 0, true], [0, 1, false]] as const;
          const fit = fitLogisticRegression(
            all.map(([a, b]) => [a, b]),
            all.map(([, , label]) => label),
            l2,
          );
          const z = (row: readonly [number, number, boolean], column: 0 | 1) =>
            (row[column] - (fit.means[column] ?? 0)) / (fit.scales[column] ?? 1);
          const residuals = all.map((row) => {
            const score = fit.intercept + (fit.weights[0] ?? 0) * z(row, 0) + (fit.weights[1] ?? 0) * z(row, 1);
            return (row[2] ? 1 : 0) - 1 / (1 + Math.exp(-score));
          });
          for (const column of [0, 1] as const) {
            const pull = all.reduce((sum, row, index) => sum + z(row, column) * (residuals[index] ?? 0), 0);
            expect(pull).toBeCloseTo(l2 * (fit.weights[column] ?? 0), 6);
          }
          expect(residuals.reduce((sum, one) => sum + one, 0)).toBeCloseTo(0, 6);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("gives a constant column no weight", () => {
    const fit = fitLogisticRegression([[7], [7], [7]], [true, false, true], 1);
    expect(fit.weights).toEqual([0]);
  });

  it("refuses classes that a line separates when nothing is penalised", () => {
    expect(() => fitLogisticRegression([[0], [1]], [false, true], 0)).toThrow(/converge|positive definite/);
  });
});

describe("Cholesky's solution", () => {
  it("gives back the right-hand side", () => {
    // The matrix of the Wikipedia article on the decomposition: L = [[2], [6, 1], [-8, 5, 3]].
    const matrix = [[4], [12, 37], [-16, -43, 98]];
    const solution = solveCholesky(matrix, [0, 6, 39]);
    const full = [
      [4, 12, -16],
      [12, 37, -43],
      [-16, -43, 98],
    ];
    const product = full.map((row) => row.reduce((sum, value, index) => sum + value * (solution[index] ?? 0), 0));
    expect(product.map((value) => Math.round(value * 1e6) / 1e6)).toEqual([0, 6, 39]);
  });

  it("refuses a matrix that is not positive definite", () => {
    expect(() => solveCholesky([[0]], [1])).toThrow("not positive definite");
  });
});
