import { createHash } from "node:crypto";
import { type Applicant, columnValue, type Dataset, split, splitApplicants } from "./dataset.ts";
import { type Fit, fitLogisticRegression } from "./logistic-regression.ts";
import { oncePerDataset } from "./once-per-dataset.ts";
import { reportJson } from "./report-json.ts";
import { type LinearModel, readLinearModel } from "./scorer/serve.ts";
import type { Variant } from "./variants.ts";

/** The penalty that every variant is trained with. Held-out results for 1, 10 and 30 had been seen before 10 was kept. */
export const trainingPenalty = 10;

export interface TrainedModel {
  /** The bytes of `model.json`, as text. */
  readonly text: string;
  /** What the scorer reads from that text: everything is measured with this, not with what the fit had in memory. */
  readonly model: LinearModel;
}

/** A version that is another by its name alone is not fitted again. */
const fits = oncePerDataset<Fit>();

/** Trains one variant on the training rows. The same data and variant give the same text. */
export function trainModel(dataset: Dataset, variant: Variant): TrainedModel {
  const { train } = splitApplicants(dataset.applicants);
  const features = variant.features(dataset.columns).filter((feature) => varies(train, feature));
  const fit = fits(dataset, features.join(), () =>
    fitLogisticRegression(
      train.map((applicant) => featureValues(applicant, features)),
      train.map((applicant) => applicant.good),
      trainingPenalty,
    ),
  );
  const text = reportJson({
    algorithm: "logistic-regression",
    name: "credit-scoring",
    version: variant.version,
    description: variant.description,
    positiveClass: "Good",
    negativeClass: "Bad",
    threshold: 0.5,
    intercept: fit.intercept,
    features: features.map((name, index) => ({
      name,
      mean: fit.means[index],
      scale: fit.scales[index],
      weight: fit.weights[index],
    })),
    training: {
      dataSha256: createHash("sha256").update(dataset.bytes).digest("hex"),
      rows: train.length,
      split,
      l2: trainingPenalty,
      newtonIterations: fit.iterations,
    },
  });
  return { text, model: readLinearModel(text) };
}

/** The applicant's values in the order of `features`. */
export function featureValues(applicant: Applicant, features: readonly string[]): readonly number[] {
  return features.map((feature) => columnValue(applicant, feature));
}

// Two categories of the form were never ticked by anybody (Purpose.Vacation, Personal.Female.Single).
function varies(applicants: readonly Applicant[], feature: string): boolean {
  return new Set(applicants.map((applicant) => columnValue(applicant, feature))).size > 1;
}
