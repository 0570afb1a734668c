import type { Scored } from "./confusion.ts";

export interface CalibrationBin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** Mean probability that the model gave, and the share that turned out positive; absent in an empty bin. */
  readonly predicted?: number;
  readonly observed?: number;
}

export interface Calibration {
  readonly bins: readonly CalibrationBin[];
  /** Mean squared difference of probability and outcome (Brier 1950); lower is better. */
  readonly brierScore: number;
  /** Mean absolute difference of predicted and observed over the bins, weighted by their counts. */
  readonly expectedCalibrationError: number;
  readonly logLoss: number;
}

/** How far probabilities can be taken at their word, in ten bins of equal width. */
export function calibrationOf(rows: readonly Scored[]): Calibration {
  const bins = Array.from({ length: 10 }, (_, index): CalibrationBin => {
    const inside = rows.filter((row) => Math.min(9, Math.floor(row.score * 10)) === index);
    const edges = { from: index / 10, to: (index + 1) / 10, count: inside.length };
    if (inside.length === 0) return edges;
    return { ...edges, predicted: mean(inside.map((row) => row.score)), observed: mean(inside.map(outcome)) };
  });
  return {
    bins,
    brierScore: mean(rows.map((row) => (row.score - outcome(row)) ** 2)),
    expectedCalibrationError: bins.reduce(
      (sum, bin) => sum + (bin.count / rows.length) * Math.abs((bin.predicted ?? 0) - (bin.observed ?? 0)),
      0,
    ),
    logLoss: mean(rows.map((row) => -Math.log(row.positive ? row.score : 1 - row.score))),
  };
}

function outcome(row: Scored): number {
  return row.positive ? 1 : 0;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
