/** Counts of one classifier's outcomes; positive is the favourable class, here a loan that was repaid. */
export interface Confusion {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
  readonly trueNegatives: number;
}

/** One scored row: what happened, and the probability the model gave to the positive class. */
export interface Scored {
  readonly positive: boolean;
  readonly score: number;
}

/** Counts outcomes where a score at or above `threshold` means positive. */
export function confusionOf(rows: readonly Scored[], threshold: number): Confusion {
  const count = (positive: boolean, predicted: boolean) =>
    rows.filter((row) => row.positive === positive && row.score >= threshold === predicted).length;
  return {
    truePositives: count(true, true),
    falsePositives: count(false, true),
    falseNegatives: count(true, false),
    trueNegatives: count(false, false),
  };
}

export interface Rates {
  readonly accuracy: number;
  readonly precision: number;
  readonly recall: number;
  readonly specificity: number;
  readonly falsePositiveRate: number;
  readonly falseNegativeRate: number;
  readonly f0_5: number;
  readonly f1: number;
  readonly f2: number;
}

/** The usual rates of a confusion matrix, each a fraction of 1. A rate over nothing is 0. */
export function ratesOf(confusion: Confusion): Rates {
  const { truePositives: tp, falsePositives: fp, falseNegatives: fn, trueNegatives: tn } = confusion;
  const precision = ratio(tp, tp + fp);
  const recall = ratio(tp, tp + fn);
  const f = (beta: number) => ratio((1 + beta ** 2) * precision * recall, beta ** 2 * precision + recall);
  return {
    accuracy: ratio(tp + tn, tp + tn + fp + fn),
    precision,
    recall,
    specificity: ratio(tn, tn + fp),
    falsePositiveRate: ratio(fp, tn + fp),
    falseNegativeRate: ratio(fn, tp + fn),
    f0_5: f(0.5),
    f1: f(1),
    f2: f(2),
  };
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

/** Wilson's score interval for a proportion at 95 % (Wilson 1927; z = 1.959964). */
export function wilsonInterval(successes: number, trials: number): { readonly lower: number; readonly upper: number } {
  const z = 1.959963984540054;
  const p = successes / trials;
  const center = p + z ** 2 / (2 * trials);
  const margin = z * Math.sqrt((p * (1 - p)) / trials + z ** 2 / (4 * trials ** 2));
  const scale = 1 + z ** 2 / trials;
  return { lower: (center - margin) / scale, upper: (center + margin) / scale };
}
