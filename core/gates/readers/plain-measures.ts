import { type EvidenceReader, jsonReader } from "../evidence-reader.ts";
import type { MeasuredKind } from "../facts.ts";
import { memberOf, rootOf } from "../json-places.ts";
import { asMeasures, numbersIn } from "../measures.ts";

/**
 * A report of named numbers in plain JSON: `metrics.<name>` is a number; optionally `intervals95.<name>.lower` and
 * `.upper`. Unit tests have `tests`, `failed` and `skipped`; data validation `expectations` and `failed`; a shadow run
 * `requests`, `agreement`, `error_rate`, `latency_p95_ms`, `psi`; toxicity whatever its scorer measures.
 */
function plainMeasures(kind: MeasuredKind): EvidenceReader {
  return jsonReader(kind, "plain", (document, name) => {
    const root = rootOf(document, name);
    return asMeasures(kind, numbersIn(memberOf(root, "metrics"), memberOf(root, "intervals95")));
  });
}

export const plainUnitTests = plainMeasures("unit-tests");
export const plainDataValidation = plainMeasures("data-validation");
export const plainToxicity = plainMeasures("toxicity");
export const plainShadowRun = plainMeasures("shadow-run");
