import { attributionsIn } from "../attributions.ts";
import { jsonReader } from "../evidence-reader.ts";
import { memberOf, rootOf } from "../json-places.ts";

/** Feature attributions in plain JSON: `globalImportance.<feature>` is the mean absolute contribution of a feature. */
export const plainShap = jsonReader("explainability", "plain", (document, name) => ({
  attributions: attributionsIn(memberOf(rootOf(document, name), "globalImportance")),
}));
