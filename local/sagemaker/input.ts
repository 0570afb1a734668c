import { localAccount, localRegion } from "../aws/aws-call.ts";
import { AwsRefusal } from "../aws/aws-json-server.ts";
import { isList, isRecord, type JsonObject } from "../aws/json-shape.ts";

/** SageMaker answers everything that is wrong with a request, and everything it cannot find, with this one code. */
export function validationException(message: string): AwsRefusal {
  return new AwsRefusal("ValidationException", message);
}

function constraint(member: string, value: unknown, rule: string): AwsRefusal {
  const shown = value === undefined ? "null" : `'${String(value)}'`;
  const path = `${member.charAt(0).toLowerCase()}${member.slice(1)}`;
  return validationException(
    `1 validation error detected: Value ${shown} at '${path}' failed to satisfy constraint: ${rule}`,
  );
}

/** Required text under `member`. */
export function requiredText(body: JsonObject, member: string): string {
  const value = body[member];
  if (typeof value !== "string" || value === "") throw constraint(member, undefined, "Member must not be null");
  return value;
}

/** The name of a resource: letters, digits and inner hyphens, 63 at most. */
export function resourceName(body: JsonObject, member: string): string {
  const name = requiredText(body, member);
  if (name.length > 63) throw constraint(member, name, "Member must have length less than or equal to 63");
  if (!/^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/.test(name)) {
    throw constraint(member, name, "Member must satisfy regular expression pattern: [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}");
  }
  return name;
}

/** One of `values` under `member`. */
export function oneOf<Value extends string>(body: JsonObject, member: string, values: readonly Value[]): Value {
  const given = requiredText(body, member);
  const value = values.find((candidate) => candidate === given);
  if (value === undefined)
    throw constraint(member, given, `Member must satisfy enum value set: [${values.join(", ")}]`);
  return value;
}

/** Required object under `member`. */
export function requiredObject(body: JsonObject, member: string): JsonObject {
  const value = body[member];
  if (!isRecord(value)) throw constraint(member, undefined, "Member must not be null");
  return value;
}

/** A whole number of at least `minimum` under `member`. */
export function wholeNumber(body: JsonObject, member: string, minimum: number): number {
  const value = body[member];
  if (typeof value !== "number" || !Number.isInteger(value)) {
    throw constraint(member, undefined, "Member must not be null");
  }
  if (value < minimum) throw constraint(member, value, `Member must have value greater than or equal to ${minimum}`);
  return value;
}

/** Refuses members that the stand-in does not carry: what is not done must not be ignored. */
export function onlyCarried(body: JsonObject, allowed: readonly string[], place: string): void {
  const foreign = Object.keys(body).filter((member) => !allowed.includes(member));
  if (foreign.length > 0) {
    throw validationException(`${foreign.join(", ")} of ${place} is not carried by the local stand-in.`);
  }
}

/** `Tags` of a request: a list of `{Key, Value}`. */
export function tagsOf(body: JsonObject): readonly JsonObject[] {
  const tags = body["Tags"] ?? [];
  if (!isList(tags)) throw validationException("Tags must be a list.");
  return tags.map((tag) => {
    if (!isRecord(tag) || typeof tag["Key"] !== "string" || typeof tag["Value"] !== "string") {
      throw validationException("A tag needs a Key and a Value.");
    }
    return { Key: tag["Key"], Value: tag["Value"] };
  });
}

export type ResourceKind = "model" | "endpoint-config" | "endpoint" | "inference-component";

/** ARN of a SageMaker resource, whose name it carries in lower case as SageMaker's do. */
export function arnOf(kind: ResourceKind, name: string): string {
  return `arn:aws:sagemaker:${localRegion}:${localAccount}:${kind}/${name.toLowerCase()}`;
}

const kindNames: Readonly<Record<ResourceKind, string>> = {
  model: "model",
  "endpoint-config": "endpoint configuration",
  endpoint: "endpoint",
  "inference-component": "inference component",
};

/** Like `Could not find endpoint configuration "arn:…".` */
export function notFound(kind: ResourceKind, name: string): AwsRefusal {
  return validationException(`Could not find ${kindNames[kind]} "${arnOf(kind, name)}".`);
}

/** Like `Cannot create already existing endpoint "arn:…".` */
export function alreadyExists(kind: ResourceKind, name: string): AwsRefusal {
  return validationException(`Cannot create already existing ${kindNames[kind]} "${arnOf(kind, name)}".`);
}
