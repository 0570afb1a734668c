import { jsonReader, NotOfThisFormat } from "../evidence-reader.ts";
import type { CurvePoint, Gap, MetricReading } from "../facts.ts";
import { gapAt, itemsOf, type JsonPlace, memberOf, membersOf, numberOf, rootOf, whereOf } from "../json-places.ts";
import { metricName } from "../metric-name.ts";

const sections = ["binary_classification_metrics", "multiclass_classification_metrics", "regression_metrics"];
const notMetrics = new Set(["confusion_matrix", "receiver_operating_characteristic_curve", "precision_recall_curve"]);

/**
 * `statistics.json` of SageMaker Model Monitor, and the `evaluation.json` of SageMaker Pipelines that follows it:
 * `$.binary_classification_metrics.<name>.value`. A `standard_deviation` (it may be the text "NaN") is that of the
 * value over resampled data, so 1.96 of it either way is an interval of 95 %.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality-metrics.html
 */
export const sagemakerModelQuality = jsonReader("model-quality", "sagemaker-model-quality", (document, name) => {
  const root = rootOf(document, name);
  const present = sections.map((section) => memberOf(root, section)).filter((section) => section.value !== undefined);
  if (present.length === 0) throw new NotOfThisFormat([], `None of ${sections.join(", ")} is in it.`);
  const metrics: MetricReading[] = [];
  const gaps: Gap[] = [];
  for (const [written, member] of present.flatMap((section) => membersOf(section))) {
    if (notMetrics.has(written)) continue;
    const place = memberOf(member, "value");
    const value = numberOf(place);
    const metric = metricName(written);
    if (value === undefined) gaps.push(gapAt(place, ["metric", metric]));
    else metrics.push({ name: metric, value, where: whereOf(place), ...intervalAround(value, member) });
  }
  const [precision] = metrics.filter((metric) => metric.name === "precision");
  const [recall] = metrics.filter((metric) => metric.name === "recall");
  const operatingPoints =
    precision === undefined || recall === undefined ? [] : [{ precision: precision.value, recall: recall.value }];
  return {
    metrics,
    gaps,
    operatingPoints,
    curve: present.flatMap((section) => curveIn(memberOf(section, "precision_recall_curve"))),
  };
});

function intervalAround(value: number, metric: JsonPlace): Pick<MetricReading, "interval"> {
  const deviation = numberOf(memberOf(metric, "standard_deviation"));
  if (deviation === undefined || deviation < 0) return {};
  return { interval: { low: value - 1.96 * deviation, high: value + 1.96 * deviation, level: 0.95 } };
}

function curveIn(curve: JsonPlace): readonly CurvePoint[] {
  if (curve.value === undefined) return [];
  const precisions = itemsOf(memberOf(curve, "precisions")).map(numberOf);
  const recalls = itemsOf(memberOf(curve, "recalls")).map(numberOf);
  return precisions.flatMap((precision, index) => {
    const recall = recalls[index];
    return precision === undefined || recall === undefined ? [] : [{ precision, recall }];
  });
}
