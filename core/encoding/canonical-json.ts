import { Failure } from "../failure.ts";
import { utf8 } from "./bytes.ts";

/** What JSON can carry. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * The JSON Canonicalization Scheme (RFC 8785) of `value`, as text. Properties that are `undefined` are left
 * out, as JSON does. Throws `invalid-request` for what I-JSON cannot carry: NaN, infinities, lone surrogates,
 * bigints, functions.
 */
export function canonicalJson(value: unknown): string {
  return serialize(value, "$");
}

/** UTF-8 bytes of the canonical JSON of `value` (RFC 8785). */
export function canonicalJsonBytes(value: unknown): Uint8Array {
  return utf8(canonicalJson(value));
}

function serialize(value: unknown, place: string): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return serializeString(value, place);
  // ECMAScript's Number::toString is the number format that RFC 8785 section 3.2.2.3 prescribes; it writes -0 as 0.
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new Failure("invalid-request", `${place} is ${value}, which JSON cannot carry.`);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map((item, index) => serialize(item, `${place}[${index}]`)).join(",")}]`;
  if (typeof value === "object") return serializeObject(value, place);
  throw new Failure("invalid-request", `${place} is a ${typeof value}, which JSON cannot carry.`);
}

function serializeObject(value: object, place: string): string {
  // Default sort compares UTF-16 code units, as RFC 8785 section 3.2.3 asks.
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([key, member]) => `${serializeString(key, place)}:${serialize(member, `${place}.${key}`)}`);
  return `{${members.join(",")}}`;
}

function serializeString(text: string, place: string): string {
  if (!text.isWellFormed()) throw new Failure("invalid-request", `${place} holds half of a surrogate pair.`);
  return JSON.stringify(text);
}
