const titles: Readonly<Record<string, string>> = {
  accuracy: "Accuracy",
  auc: "AUC",
  average_precision: "Average precision",
  brier_score: "Brier score",
  f0_5: "F0.5",
  f1: "F1",
  f2: "F2",
  mae: "Mean absolute error",
  mse: "Mean squared error",
  precision: "Precision",
  r2: "R²",
  recall: "Recall",
  rmse: "Root mean squared error",
};

/** Clarify's names: https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-measure-post-training-bias.html */
const fairnessTitles: Readonly<Record<string, string>> = {
  AD: "Accuracy difference",
  CDDPL: "Conditional demographic disparity in predicted labels",
  CI: "Class imbalance",
  DAR: "Difference in acceptance rates",
  DI: "Disparate impact",
  DPL: "Difference in positive labels",
  DPPL: "Difference in the share of positive answers",
  DRR: "Difference in rejection rates",
  RD: "Recall difference",
  SD: "Specificity difference",
  TE: "Treatment equality",
  demographic_parity_difference: "Demographic parity difference",
  demographic_parity_ratio: "Demographic parity ratio",
  equalized_odds_difference: "Equalised odds difference",
};

/** The one name of a quality metric, whether a report writes `brierScore`, `brier_score` or `Brier-Score`. */
export function metricName(written: string): string {
  return written
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replaceAll(/[ -]/g, "_")
    .toLowerCase();
}

/** A quality metric's name as people read it; one that begins with a known one, such as `f1_best_constant_classifier`, as that and the rest. */
export function metricTitle(name: string): string {
  const title = own(titles, name);
  if (title !== undefined) return title;
  const known = Object.entries(titles).find(([each]) => name.startsWith(`${each}_`));
  if (known === undefined) return sentenceCase(name);
  const [beginning, itsTitle] = known;
  return `${itsTitle} ${words(name.slice(beginning.length + 1))}`;
}

/** A fairness metric's name as people read it, with its short form where it has one. */
export function fairnessTitle(name: string): string {
  const title = own(fairnessTitles, name);
  if (title === undefined) return name.includes("_") ? sentenceCase(name) : name;
  return /^[A-Z]+$/.test(name) ? `${title} (${name})` : title;
}

function own(names: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(names, name) ? names[name] : undefined;
}

function sentenceCase(name: string): string {
  const text = words(name);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function words(name: string): string {
  return name.replaceAll("_", " ");
}
