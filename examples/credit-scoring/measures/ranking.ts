import type { Scored } from "./confusion.ts";

/** One cut through the ranking: everything that scores at or above `threshold` counts as positive. */
export interface Cut {
  readonly threshold: number;
  readonly truePositiveRate: number;
  readonly falsePositiveRate: number;
  readonly precision: number;
}

/** One cut per distinct score, highest first. Recall is the true positive rate. */
export function cutsOf(rows: readonly Scored[]): readonly Cut[] {
  const positives = rows.filter((row) => row.positive).length;
  const negatives = rows.length - positives;
  const sorted = rows.toSorted((a, b) => b.score - a.score);
  const cuts: Cut[] = [];
  let above = 0;
  let hits = 0;
  for (const [index, row] of sorted.entries()) {
    above += 1;
    if (row.positive) hits += 1;
    if (sorted[index + 1]?.score === row.score) continue;
    cuts.push({
      threshold: row.score,
      truePositiveRate: hits / positives,
      falsePositiveRate: (above - hits) / negatives,
      precision: hits / above,
    });
  }
  return cuts;
}

/**
 * Area under the ROC curve, as the probability that a positive row scores above a negative one (ties count half):
 * the Mann–Whitney statistic. Needs a row of each class.
 */
export function areaUnderCurve(rows: readonly Scored[]): number {
  const positives = rows.filter((row) => row.positive);
  const negatives = rows.filter((row) => !row.positive);
  let wins = 0;
  for (const positive of positives) {
    for (const negative of negatives) {
      wins += positive.score > negative.score ? 1 : positive.score === negative.score ? 0.5 : 0;
    }
  }
  return wins / (positives.length * negatives.length);
}

/** 95 % interval of an AUC by its standard error after Hanley and McNeil (Radiology 143, 1982). */
export function areaInterval(auc: number, positives: number, negatives: number): { lower: number; upper: number } {
  const q1 = auc / (2 - auc);
  const q2 = (2 * auc ** 2) / (1 + auc);
  const variance =
    (auc * (1 - auc) + (positives - 1) * (q1 - auc ** 2) + (negatives - 1) * (q2 - auc ** 2)) / (positives * negatives);
  const margin = 1.959963984540054 * Math.sqrt(variance);
  return { lower: Math.max(0, auc - margin), upper: Math.min(1, auc + margin) };
}

/** Average precision: precision at each cut, weighted by the recall that the cut adds. */
export function averagePrecision(cuts: readonly Cut[]): number {
  let recall = 0;
  let sum = 0;
  for (const cut of cuts) {
    sum += (cut.truePositiveRate - recall) * cut.precision;
    recall = cut.truePositiveRate;
  }
  return sum;
}
