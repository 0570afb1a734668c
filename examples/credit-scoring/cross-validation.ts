import { type Applicant, seededFraction } from "./dataset.ts";
import { fitLogisticRegression } from "./logistic-regression.ts";
import { confusionOf, ratesOf, type Scored } from "./measures/confusion.ts";
import { areaUnderCurve } from "./measures/ranking.ts";
import { featureValues } from "./model.ts";

export interface Spread {
  readonly mean: number;
  /** Sample standard deviation over the folds. */
  readonly standardDeviation: number;
}

/**
 * Ten-fold cross-validation over all rows, folds by seeded hash: how much of a difference between two models the
 * one held-out set could have made up.
 */
export function crossValidate(
  applicants: readonly Applicant[],
  features: readonly string[],
  l2: number,
): { readonly folds: number; readonly accuracy: Spread; readonly auc: Spread } {
  const folds = 10;
  const foldOf = (applicant: Applicant) => Math.floor(seededFraction("german-credit/folds", applicant.index) * folds);
  const results = Array.from({ length: folds }, (_, fold) => {
    const train = applicants.filter((applicant) => foldOf(applicant) !== fold);
    const fit = fitLogisticRegression(
      train.map((applicant) => featureValues(applicant, features)),
      train.map((applicant) => applicant.good),
      l2,
    );
    const rows = applicants
      .filter((applicant) => foldOf(applicant) === fold)
      .map((applicant): Scored => {
        const logOdds = featureValues(applicant, features).reduce(
          (sum, value, i) => sum + ((fit.weights[i] ?? 0) * (value - (fit.means[i] ?? 0))) / (fit.scales[i] ?? 1),
          fit.intercept,
        );
        return { positive: applicant.good, score: 1 / (1 + Math.exp(-logOdds)) };
      });
    return { accuracy: ratesOf(confusionOf(rows, 0.5)).accuracy, auc: areaUnderCurve(rows) };
  });
  return {
    folds,
    accuracy: spreadOf(results.map((result) => result.accuracy)),
    auc: spreadOf(results.map((result) => result.auc)),
  };
}

/** Mean and sample standard deviation. */
export function spreadOf(values: readonly number[]): Spread {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, standardDeviation: Math.sqrt(squares / (values.length - 1)) };
}
