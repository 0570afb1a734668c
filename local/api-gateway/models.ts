import { Ajv } from "ajv";
import AjvDraft04 from "ajv-draft-04";
import type { Json } from "../../core/encoding/canonical-json.ts";
import { isRecord, type JsonObject } from "../aws/json-shape.ts";

/** Says what is wrong with a body, in the words of `$context.error.validationErrorString`; `undefined` if nothing is. */
export type BodyCheck = (body: string) => string | undefined;

/**
 * Compiles a model of a REST API: JSON Schema draft 4, as API Gateway reads it
 * (https://docs.aws.amazon.com/apigateway/latest/developerguide/models-mappings-models.html).
 */
export function compileModel(schema: JsonObject): BodyCheck {
  // API Gateway ignores keywords and formats that it does not know, such as `example`; strict mode would refuse them.
  const options = { strict: false, validateFormats: false, allErrors: true, logger: false } as const;
  const draft4 = schema["$schema"] === undefined || String(schema["$schema"]).includes("draft-04");
  const ajv = draft4 ? new AjvDraft04.default(options) : new Ajv(options);
  const validate = ajv.compile(schema);
  return (body) => {
    let value: unknown;
    try {
      value = JSON.parse(body === "" ? "null" : body);
    } catch {
      return "[Invalid JSON]";
    }
    if (validate(value) === true) return undefined;
    const findings = (validate.errors ?? []).map(({ instancePath, message }) =>
      `${instancePath === "" ? "object" : instancePath} ${message ?? "is invalid"}`.trim(),
    );
    return `[${findings.join(", ")}]`;
  };
}

/** The check that applies to a request of `contentType`: API Gateway checks only types that the method has a model for. */
export function checkFor(
  checks: ReadonlyMap<string, BodyCheck>,
  contentType: string | undefined,
): BodyCheck | undefined {
  const type = (contentType ?? "application/json").split(";")[0]?.trim().toLowerCase() ?? "";
  return checks.get(type) ?? checks.get("$default");
}

/** True where `value` can be a model's schema. */
export function isSchema(value: Json | undefined): value is JsonObject {
  return isRecord(value);
}
