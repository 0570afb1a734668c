import type { Json } from "../../encoding/canonical-json.ts";
import { jsonReader, NotOfThisFormat } from "../evidence-reader.ts";
import { itemsOf, type JsonPlace, memberOf, numberOf, rootOf, textOf, whereOf } from "../json-places.ts";
import { asMeasures, asMetrics, numbersIn } from "../measures.ts";
import { metricName } from "../metric-name.ts";

/** What MLflow's default evaluator calls the metrics that have another name here. */
const names: Readonly<Record<string, string>> = {
  accuracy_score: "accuracy",
  f1_score: "f1",
  mean_absolute_error: "mae",
  mean_squared_error: "mse",
  precision_score: "precision",
  r2_score: "r2",
  recall_score: "recall",
  roc_auc: "auc",
  roc_auc_score: "auc",
  root_mean_squared_error: "rmse",
};

/**
 * Metrics of MLflow in one of three forms: the run as the REST API gives it (`run.data.metrics`, a list of
 * `{key, value}`), as `mlflow runs describe` prints it (`data.metrics`, an object), or `metrics.json` of a saved
 * evaluation (one flat object). A run that did not finish is no evidence.
 * https://mlflow.org/docs/latest/api_reference/rest-api.html
 * https://mlflow.org/docs/latest/api_reference/python_api/mlflow.models.html (EvaluationResult.save)
 */
export const mlflowMetrics = jsonReader("model-quality", "mlflow-metrics", (document, name) =>
  asMetrics(metricsIn(document, name)),
);

/** The same of a language model; `toxicity/v1/ratio` is `toxicity_ratio` here. */
export const mlflowToxicity = jsonReader("toxicity", "mlflow-metrics", (document, name) =>
  asMeasures("toxicity", metricsIn(document, name)),
);

function metricsIn(document: Json, name: string): ReturnType<typeof numbersIn> {
  const root = rootOf(document, name);
  const run = memberOf(root, "run").value === undefined ? root : memberOf(root, "run");
  const info = memberOf(run, "info");
  const data = memberOf(run, "data");
  if (info.value === undefined && data.value === undefined) return numbersIn(root, undefined, commonName);
  const status = memberOf(info, "status");
  if (textOf(status) !== "FINISHED") throw new NotOfThisFormat(status.path, "The run did not finish.");
  const metrics = memberOf(data, "metrics");
  return Array.isArray(metrics.value) ? listed(metrics) : numbersIn(metrics, undefined, commonName);
}

function listed(metrics: JsonPlace): ReturnType<typeof numbersIn> {
  const places = itemsOf(metrics).map((item) => ({
    name: commonName(textOf(memberOf(item, "key"))),
    place: memberOf(item, "value"),
  }));
  return {
    found: places.flatMap(({ name, place }) => {
      const value = numberOf(place);
      return value === undefined ? [] : [{ name, value, where: whereOf(place) }];
    }),
    missing: places.filter(({ place }) => numberOf(place) === undefined),
  };
}

/** Without the version of the metric's definition: `toxicity/v1/ratio` is `toxicity_ratio`. */
function commonName(written: string): string {
  const name = metricName(written.replace(/\/v[0-9]+\//, "_").replaceAll("/", "_"));
  return (Object.hasOwn(names, name) ? names[name] : undefined) ?? name;
}
