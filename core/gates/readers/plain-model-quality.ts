import { jsonReader } from "../evidence-reader.ts";
import type { CalibrationBin, CurvePoint } from "../facts.ts";
import { itemsOf, type JsonPlace, memberOf, numberOf, rootOf } from "../json-places.ts";
import { asMetrics, numbersIn } from "../measures.ts";

/**
 * Model quality in plain JSON: `metrics.<name>` is a number; optionally `intervals95.<name>.lower` and `.upper`,
 * `precisionRecall`, a list of `{threshold, precision, recall}`, `threshold`, from which on the model answers yes, with
 * `metrics.precision` and `metrics.recall` at it, and `calibration`, a list of `{predicted, observed, count}`.
 */
export const plainModelQuality = jsonReader("model-quality", "plain", (document, name) => {
  const root = rootOf(document, name);
  return {
    ...asMetrics(numbersIn(memberOf(root, "metrics"), memberOf(root, "intervals95"))),
    curve: curveIn(memberOf(root, "precisionRecall")),
    operatingPoints: pointOf(memberOf(root, "metrics"), numberOf(memberOf(root, "threshold"))),
    calibration: calibrationIn(memberOf(root, "calibration")),
  };
});

function curveIn(place: JsonPlace): readonly CurvePoint[] {
  if (place.value === undefined) return [];
  return itemsOf(place).flatMap((point) => pointOf(point, numberOf(memberOf(point, "threshold"))));
}

function pointOf(place: JsonPlace, threshold: number | undefined): readonly CurvePoint[] {
  const precision = numberOf(memberOf(place, "precision"));
  const recall = numberOf(memberOf(place, "recall"));
  if (precision === undefined || recall === undefined) return [];
  return [{ precision, recall, ...(threshold === undefined ? {} : { threshold }) }];
}

/** A bin that no row fell into has no mean, and is left out. */
function calibrationIn(place: JsonPlace): readonly CalibrationBin[] {
  if (!Array.isArray(place.value)) return [];
  return itemsOf(place).flatMap((bin) => {
    const predicted = numberOf(memberOf(bin, "predicted"));
    const observed = numberOf(memberOf(bin, "observed"));
    const count = numberOf(memberOf(bin, "count"));
    return predicted === undefined || observed === undefined || count === undefined
      ? []
      : [{ predicted, observed, count }];
  });
}
