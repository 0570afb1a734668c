import { isRecord, type JsonObject } from "../aws/json-shape.ts";
import { specOf } from "./store.ts";

const resources = { requests: { cpu: "1", memory: "2Gi" }, limits: { cpu: "1", memory: "2Gi" } };

/**
 * What KServe's admission webhook makes of an InferenceService with a predictor of one's own: one container has one name,
 * whatever it was called. `Default` in
 * https://github.com/kserve/kserve/blob/master/pkg/apis/serving/v1beta1/predictor_custom.go
 */
export function defaultedByKserve(object: JsonObject): JsonObject {
  const { predictor } = specOf(object);
  if (object["kind"] !== "InferenceService" || !isRecord(predictor)) return object;
  const { containers } = predictor;
  const [first, ...others] = Array.isArray(containers) ? containers.filter(isRecord) : [];
  if (first === undefined) return object;
  const named = others.length === 0 || !("name" in first) ? { name: "kserve-container" } : {};
  const defaulted = { resources, ...first, ...named };
  return {
    ...object,
    spec: {
      ...specOf(object),
      predictor: { automountServiceAccountToken: false, ...predictor, containers: [defaulted, ...others] },
    },
  };
}
