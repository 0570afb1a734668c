/** Standardised logistic regression with an L2 penalty, fitted by Newton's method (IRLS). Deterministic. */

export interface Fit {
  readonly means: readonly number[];
  /** Standard deviations (population); 1 for a column that is constant, whose weight is then 0. */
  readonly scales: readonly number[];
  readonly weights: readonly number[];
  readonly intercept: number;
  readonly iterations: number;
}

/**
 * Fits `labels` to `rows` (each with the same number of values). `l2` is the penalty's factor: the loss is
 * `Σ log(1 + exp(−y·z)) + l2/2·Σ w²` over the standardised columns; the intercept is not penalised.
 * Throws when Newton's method has not converged after 50 steps.
 */
export function fitLogisticRegression(
  rows: readonly (readonly number[])[],
  labels: readonly boolean[],
  l2: number,
): Fit {
  const width = rows[0]?.length ?? 0;
  const means = columnwise(width, (column) => mean(rows.map((row) => at(row, column))));
  const scales = columnwise(width, (column) => {
    const center = at(means, column);
    return Math.sqrt(mean(rows.map((row) => (at(row, column) - center) ** 2))) || 1;
  });
  // A leading 1 carries the intercept.
  const design = rows.map((row) => [
    1,
    ...row.map((value, column) => (value - at(means, column)) / at(scales, column)),
  ]);
  const penalty = [0, ...columnwise(width, () => l2)];

  let solution: readonly number[] = columnwise(width + 1, () => 0);
  for (let iteration = 1; iteration <= 50; iteration++) {
    const step = newtonStep(design, labels, penalty, solution);
    solution = solution.map((weight, index) => weight + at(step, index));
    if (Math.max(...step.map(Math.abs)) < 1e-10) {
      return { means, scales, weights: solution.slice(1), intercept: at(solution, 0), iterations: iteration };
    }
  }
  throw new Error("The fit did not converge in 50 Newton steps.");
}

function newtonStep(
  design: readonly (readonly number[])[],
  labels: readonly boolean[],
  penalty: readonly number[],
  solution: readonly number[],
): readonly number[] {
  const size = solution.length;
  const gradient = solution.map((weight, index) => -at(penalty, index) * weight);
  const hessian = columnwise(size, (row) => columnwise(size, (column) => (row === column ? at(penalty, row) : 0)));
  for (const [index, row] of design.entries()) {
    const expected = 1 / (1 + Math.exp(-row.reduce((sum, value, column) => sum + value * at(solution, column), 0)));
    const residual = (labels[index] === true ? 1 : 0) - expected;
    const curvature = expected * (1 - expected);
    for (let i = 0; i < size; i++) {
      gradient[i] = at(gradient, i) + at(row, i) * residual;
      const line = hessian[i] ?? [];
      for (let j = 0; j <= i; j++) line[j] = at(line, j) + at(row, i) * at(row, j) * curvature;
    }
  }
  return solveCholesky(hessian, gradient);
}

/** Solves `matrix · x = vector` for a symmetric positive definite matrix, of which only the lower half is read. */
export function solveCholesky(matrix: readonly (readonly number[])[], vector: readonly number[]): number[] {
  const lower: number[][] = [];
  for (const [i, row] of matrix.entries()) {
    const line: number[] = [];
    for (let j = 0; j <= i; j++) {
      const above = j === i ? line : (lower[j] ?? []);
      let sum = at(row, j);
      for (let k = 0; k < j; k++) sum -= at(line, k) * at(above, k);
      if (i === j && !(sum > 0)) throw new Error("The matrix is not positive definite.");
      line.push(i === j ? Math.sqrt(sum) : sum / at(above, j));
    }
    lower.push(line);
  }
  const forward: number[] = [];
  for (const [i, line] of lower.entries()) {
    const known = forward.reduce((sum, value, k) => sum + at(line, k) * value, 0);
    forward.push((at(vector, i) - known) / at(line, i));
  }
  const solution = forward.slice();
  for (let i = lower.length - 1; i >= 0; i--) {
    let sum = at(forward, i);
    for (let k = i + 1; k < lower.length; k++) sum -= at(lower[k] ?? [], i) * at(solution, k);
    solution[i] = sum / at(lower[i] ?? [], i);
  }
  return solution;
}

function columnwise<Value>(width: number, value: (column: number) => Value): Value[] {
  return Array.from({ length: width }, (_, column) => value(column));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function at(values: readonly number[], index: number): number {
  const value = values[index];
  if (value === undefined) throw new Error(`There is no value at ${index}.`);
  return value;
}
