import type { Json } from "../../encoding/canonical-json.ts";

// What is shown of other people's JSON: a member of another form than expected counts as none.

/** An object's member that is an object itself; null otherwise. */
export function objectIn(value: Json, name: string): Json {
  const member = memberOf(value, name);
  return typeof member === "object" && !Array.isArray(member) ? member : null;
}

export function listIn(value: Json, name: string): readonly Json[] {
  const member = memberOf(value, name);
  return Array.isArray(member) ? member : [];
}

/** Text, or the empty text. */
export function textIn(value: Json, name: string): string {
  const member = memberOf(value, name);
  return typeof member === "string" ? member : "";
}

export function numberIn(value: Json, name: string): number | undefined {
  const member = memberOf(value, name);
  return typeof member === "number" && Number.isSafeInteger(member) ? member : undefined;
}

export function hasNumber(value: Json, name: string): boolean {
  return typeof memberOf(value, name) === "number";
}

/** Texts of a list, joined. */
export function textsIn(value: Json, name: string): string {
  return listIn(value, name)
    .filter((each) => typeof each === "string")
    .join(", ");
}

function memberOf(value: Json, name: string): Json {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  return Object.hasOwn(value, name) ? ((value as Readonly<Record<string, Json>>)[name] ?? null) : null;
}
