import { crossValidate } from "./cross-validation.ts";
import { type Applicant, type Dataset, splitApplicants } from "./dataset.ts";
import { type Facet, facets } from "./facets.ts";
import { type Attribution, attributionOf } from "./measures/attribution.ts";
import { type BiasMetric, postTrainingBias, preTrainingBias } from "./measures/bias.ts";
import { type Confusion, confusionOf, type Scored } from "./measures/confusion.ts";
import { featureValues, type TrainedModel, trainingPenalty } from "./model.ts";
import { oncePerDataset } from "./once-per-dataset.ts";
import { probability } from "./scorer/serve.ts";

/** Everything measured about one model on the rows it was not trained on. */
export interface Evaluation {
  readonly trained: TrainedModel;
  readonly rows: readonly Scored[];
  readonly confusion: Confusion;
  readonly facets: readonly FacetEvaluation[];
  readonly attribution: Attribution;
  readonly crossValidation: ReturnType<typeof crossValidate>;
}

export interface FacetEvaluation {
  readonly facet: Facet;
  /** Labels of the training rows. */
  readonly preTraining: readonly BiasMetric[];
  /** Predictions for the held-out rows. */
  readonly postTraining: readonly BiasMetric[];
  readonly disadvantaged: Confusion;
  readonly advantaged: Confusion;
}

/** Measures `trained` on the held-out rows through the scorer's own arithmetic. */
export function evaluate(dataset: Dataset, trained: TrainedModel): Evaluation {
  const { train, test } = splitApplicants(dataset.applicants);
  const names = trained.model.features.map((feature) => feature.name);
  const score = (applicant: Applicant): Scored => ({
    positive: applicant.good,
    score: probability(trained.model, featureValues(applicant, names)),
  });
  const rows = test.map(score);
  return {
    trained,
    rows,
    confusion: confusionOf(rows, trained.model.threshold),
    facets: facets.map((facet) => {
      const disadvantaged = confusionOf(test.filter(facet.isDisadvantaged).map(score), trained.model.threshold);
      const others = test.filter((applicant) => !facet.isDisadvantaged(applicant));
      const advantaged = confusionOf(others.map(score), trained.model.threshold);
      return {
        facet,
        preTraining: preTrainingBias(
          labelsOf(train.filter((applicant) => !facet.isDisadvantaged(applicant))),
          labelsOf(train.filter(facet.isDisadvantaged)),
        ),
        postTraining: postTrainingBias(advantaged, disadvantaged),
        disadvantaged,
        advantaged,
      };
    }),
    attribution: attributionOf(
      trained.model,
      test.map((applicant) => featureValues(applicant, names)),
    ),
    crossValidation: crossValidated(dataset, names),
  };
}

/** Nothing else of a variant than its features bears on it. */
const validations = oncePerDataset<ReturnType<typeof crossValidate>>();

function crossValidated(dataset: Dataset, features: readonly string[]): ReturnType<typeof crossValidate> {
  return validations(dataset, features.join(), () => crossValidate(dataset.applicants, features, trainingPenalty));
}

function labelsOf(applicants: readonly Applicant[]): { positive: number; negative: number } {
  const positive = applicants.filter((applicant) => applicant.good).length;
  return { positive, negative: applicants.length - positive };
}
