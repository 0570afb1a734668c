import { jsonReader } from "../evidence-reader.ts";
import type { CurvePoint } from "../facts.ts";
import { itemsOf, type JsonPlace, memberOf, numberOf, rootOf } from "../json-places.ts";
import { asMetrics, numbersIn } from "../measures.ts";

/**
 * Model quality in plain JSON: `metrics.<name>` is a number; optionally `intervals95.<name>.lower` and `.upper`, and
 * `precisionRecall`, a list of `{threshold, precision, recall}`.
 */
export const plainModelQuality = jsonReader("model-quality", "plain", (document, name) => {
  const root = rootOf(document, name);
  return {
    ...asMetrics(numbersIn(memberOf(root, "metrics"), memberOf(root, "intervals95"))),
    curve: curveIn(memberOf(root, "precisionRecall")),
  };
});

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
