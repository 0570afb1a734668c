import type { Json } from "../../core/encoding/canonical-json.ts";
import { Failure } from "../../core/failure.ts";

/** A JSON object. */
export type JsonObject = { readonly [key: string]: Json };

/** True for a JSON object: not null, not an array. For what `JSON.parse` gave. */
export function isRecord(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** True for a JSON array (`Array.isArray` does not narrow readonly ones). */
export function isList(value: unknown): value is readonly Json[] {
  return Array.isArray(value);
}

/** `value` as an object, or a `Failure` that names `place`. */
export function asRecord(value: unknown, place: string): JsonObject {
  if (isRecord(value)) return value;
  throw new Failure("invalid-request", `${place} must be an object.`);
}

/** `value` as text, or a `Failure` that names `place`. */
export function asText(value: unknown, place: string): string {
  if (typeof value === "string") return value;
  throw new Failure("invalid-request", `${place} must be text.`);
}

/** `value` as a list, or a `Failure` that names `place`. */
export function asList(value: unknown, place: string): readonly Json[] {
  if (isList(value)) return value;
  throw new Failure("invalid-request", `${place} must be a list.`);
}

/** Throws a `Failure` if `value` has a member outside `allowed`: what is not carried must not be ignored. */
export function onlyMembers(value: JsonObject, allowed: readonly string[], place: string): void {
  const foreign = Object.keys(value).filter((key) => !allowed.includes(key));
  if (foreign.length > 0) {
    throw new Failure(
      "invalid-request",
      `${place} has ${foreign.join(", ")}, which the local stand-in does not carry.`,
    );
  }
}

/** A member that is an object; an empty one where it is none. */
export function recordIn(object: JsonObject, member: string): JsonObject {
  const value = object[member];
  return isRecord(value) ? value : {};
}

/** The objects in a member that is a list. */
export function recordsIn(object: JsonObject, member: string): readonly JsonObject[] {
  const value = object[member];
  return isList(value) ? value.filter(isRecord) : [];
}
