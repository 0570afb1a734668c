/**
 * Bias metrics under their SageMaker Clarify names. Facet d is the group that could be disadvantaged, facet a
 * everybody else; 1 is the favourable outcome, primed counts are predictions. Formulas:
 * https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-measure-data-bias.html (before training) and
 * https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-measure-post-training-bias.html (after); divisions by zero
 * as in github.com/aws/amazon-sagemaker-clarify: 0/0 is 0, the rest infinite, and ∞ − ∞ is 0.
 */
import type { Confusion } from "./confusion.ts";

export interface BiasMetric {
  readonly name: string;
  readonly description: string;
  /** May be infinite: the reports say so in their own way. */
  readonly value: number;
}

/** How many of a group had the favourable label, and how many had not. */
export interface LabelCounts {
  readonly positive: number;
  readonly negative: number;
}

/** Metrics of the labels alone, from the counts of the advantaged group `a` and the other group `d`. */
export function preTrainingBias(a: LabelCounts, d: LabelCounts): readonly BiasMetric[] {
  const na = a.positive + a.negative;
  const nd = d.positive + d.negative;
  const pa = [a.negative / na, a.positive / na] as const;
  const pd = [d.negative / nd, d.positive / nd] as const;
  const middle = [(pa[0] + pd[0]) / 2, (pa[1] + pd[1]) / 2] as const;
  const gaps = [Math.abs(pa[0] - pd[0]), Math.abs(pa[1] - pd[1])] as const;
  return [
    // CI = (na − nd) / (na + nd)
    metric("CI", "Class Imbalance (CI)", (na - nd) / (na + nd)),
    // DPL = na(1)/na − nd(1)/nd
    metric("DPL", "Difference in Positive Proportions in Labels (DPL)", pa[1] - pd[1]),
    // JS = ½ (KL(Pa, P) + KL(Pd, P)) with P = ½ (Pa + Pd)
    metric("JS", "Jensen-Shannon Divergence (JS)", (divergence(pa, middle) + divergence(pd, middle)) / 2),
    // KL(Pa, Pd) = Σ Pa(y) log(Pa(y) / Pd(y))
    metric("KL", "Kullback-Liebler Divergence (KL)", divergence(pa, pd)),
    // KS = max |Pa(y) − Pd(y)|
    metric("KS", "Kolmogorov-Smirnov Distance (KS)", Math.max(...gaps)),
    // LP = (Σ |Pa(y) − Pd(y)|²)^½
    metric("LP", "L-p Norm (LP)", Math.hypot(...gaps)),
    // TVD = ½ Σ |Pa(y) − Pd(y)|
    metric("TVD", "Total Variation Distance (TVD)", (gaps[0] + gaps[1]) / 2),
  ];
}

/** Metrics of the predictions, from the confusion matrix of the advantaged group `a` and of the other group `d`. */
export function postTrainingBias(a: Confusion, d: Confusion): readonly BiasMetric[] {
  const accuracy = (c: Confusion) => divide(c.truePositives + c.trueNegatives, sizeOf(c));
  const recall = (c: Confusion) => divide(c.truePositives, c.truePositives + c.falseNegatives);
  const specificity = (c: Confusion) => divide(c.trueNegatives, c.trueNegatives + c.falsePositives);
  // Acceptance and rejection rates: how many of those predicted so truly were so.
  const acceptance = (c: Confusion) => divide(c.truePositives, c.truePositives + c.falsePositives);
  const rejection = (c: Confusion) => divide(c.trueNegatives, c.trueNegatives + c.falseNegatives);
  // Conditional acceptance c = n(1)/n'(1), conditional rejection r = n(0)/n'(0): observed to predicted.
  const conditionalAcceptance = (c: Confusion) =>
    divide(c.truePositives + c.falseNegatives, c.truePositives + c.falsePositives);
  const conditionalRejection = (c: Confusion) =>
    divide(c.trueNegatives + c.falsePositives, c.trueNegatives + c.falseNegatives);
  // The developer guide's older page has FP/FN, a − d; the library that computes the job's value has FN/FP, d − a.
  const treatment = (c: Confusion) => divide(c.falseNegatives, c.falsePositives);
  return [
    metric("AD", "Accuracy Difference (AD)", minus(accuracy(a), accuracy(d))),
    metric("DAR", "Difference in Acceptance Rates (DAR)", minus(acceptance(a), acceptance(d))),
    metric(
      "DCAcc",
      "Difference in Conditional Acceptance (DCAcc)",
      minus(conditionalAcceptance(a), conditionalAcceptance(d)),
    ),
    metric("DCR", "Difference in Conditional Rejection (DCR)", minus(conditionalRejection(d), conditionalRejection(a))),
    // DI = q'd / q'a with q' = n'(1)/n
    metric("DI", "Disparate Impact (DI)", divide(selectionRate(d), selectionRate(a))),
    // DPPL = q'a − q'd
    metric(
      "DPPL",
      "Difference in Positive Proportions in Predicted Labels (DPPL)",
      minus(selectionRate(a), selectionRate(d)),
    ),
    metric("DRR", "Difference in Rejection Rates (DRR)", minus(rejection(d), rejection(a))),
    metric("RD", "Recall Difference (RD)", minus(recall(a), recall(d))),
    metric("SD", "Specificity Difference (SD)", minus(specificity(d), specificity(a))),
    metric("TE", "Treatment Equality (TE)", minus(treatment(d), treatment(a))),
  ];
}

/** Share of a group that the model accepts. */
export function selectionRate(confusion: Confusion): number {
  return divide(confusion.truePositives + confusion.falsePositives, sizeOf(confusion));
}

export function sizeOf(confusion: Confusion): number {
  return confusion.truePositives + confusion.falsePositives + confusion.falseNegatives + confusion.trueNegatives;
}

function metric(name: string, description: string, value: number): BiasMetric {
  return { name, description, value };
}

function divide(part: number, whole: number): number {
  return part === 0 && whole === 0 ? 0 : part / whole;
}

function minus(one: number, other: number): number {
  return one === other ? 0 : one - other;
}

function divergence(from: readonly [number, number], to: readonly [number, number]): number {
  const term = (p: number, q: number) => (p === 0 || q === 0 ? 0 : p * Math.log(p / q));
  return term(from[0], to[0]) + term(from[1], to[1]);
}
