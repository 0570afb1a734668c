import { type LinearModel, logOdds } from "../scorer/serve.ts";

export interface Attribution {
  /** Log-odds at the means of the training rows: what a model that knows nothing about a row would say. */
  readonly expectedLogOdds: number;
  /** Mean absolute contribution per feature, in log-odds. */
  readonly global: ReadonlyMap<string, number>;
  /** The same per question of the form: the contributions of its 0/1 columns are added up row by row first. */
  readonly questions: ReadonlyMap<string, number>;
}

/**
 * SHAP values of one row, in log-odds and in the order of the features. For a linear model they are known exactly:
 * φ_i = w_i (x_i − E[x_i]), features taken as independent (Lundberg and Lee 2017, corollary 1). E is over the training
 * rows, so it is the model's own mean.
 */
export function contributions(model: LinearModel, values: readonly number[]): readonly number[] {
  return model.features.map(
    (feature, index) => (feature.weight * ((values[index] ?? Number.NaN) - feature.mean)) / feature.scale,
  );
}

/** Global importance over `rows`: the mean of |φ_i|. */
export function attributionOf(model: LinearModel, rows: readonly (readonly number[])[]): Attribution {
  const global = new Map<string, number>();
  const questions = new Map<string, number>();
  for (const row of rows) {
    const answers = new Map<string, number>();
    for (const [index, contribution] of contributions(model, row).entries()) {
      const name = model.features[index]?.name ?? "";
      add(global, name, Math.abs(contribution) / rows.length);
      // Columns of one question share what stands before the first dot.
      add(answers, name.split(".")[0] ?? name, contribution);
    }
    for (const [question, contribution] of answers) add(questions, question, Math.abs(contribution) / rows.length);
  }
  const means = model.features.map((feature) => feature.mean);
  return { expectedLogOdds: logOdds(model, means), global, questions };
}

function add(sums: Map<string, number>, name: string, value: number): void {
  sums.set(name, (sums.get(name) ?? 0) + value);
}
