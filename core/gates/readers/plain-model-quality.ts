import { jsonReader } from "../evidence-reader.ts";
import type { CurvePoint, Gap, Interval, MetricReading } from "../facts.ts";
import { gapAt, itemsOf, type JsonPlace, memberOf, membersOf, numberOf, rootOf, whereOf } from "../json-places.ts";
import { metricName } from "../metric-name.ts";

/**
 * Model quality in plain JSON: `metrics.<name>` is a number; optionally `intervals95.<name>.lower` and `.upper`, and
 * `precisionRecall`, a list of `{threshold, precision, recall}`.
 */
export const plainModelQuality = jsonReader("model-quality", "plain", (document, name) => {
  const root = rootOf(document, name);
  const intervals = memberOf(root, "intervals95");
  const metrics: MetricReading[] = [];
  const gaps: Gap[] = [];
  for (const [written, place] of membersOf(memberOf(root, "metrics"))) {
    const metric = metricName(written);
    const value = numberOf(place);
    if (value === undefined) {
      gaps.push(gapAt(place, ["metric", metric]));
      continue;
    }
    const interval = intervalIn(memberOf(intervals, written));
    metrics.push({ name: metric, value, where: whereOf(place), ...(interval === undefined ? {} : { interval }) });
  }
  return { metrics, gaps, curve: curveIn(memberOf(root, "precisionRecall")) };
});

function intervalIn(place: JsonPlace): Interval | undefined {
  const low = numberOf(memberOf(place, "lower"));
  const high = numberOf(memberOf(place, "upper"));
  return low === undefined || high === undefined ? undefined : { low, high, level: 0.95 };
}

function curveIn(place: JsonPlace): readonly CurvePoint[] {
  if (place.value === undefined) return [];
  return itemsOf(place).flatMap((point) => {
    const precision = numberOf(memberOf(point, "precision"));
    const recall = numberOf(memberOf(point, "recall"));
    const threshold = numberOf(memberOf(point, "threshold"));
    if (precision === undefined || recall === undefined) return [];
    return [{ precision, recall, ...(threshold === undefined ? {} : { threshold }) }];
  });
}
