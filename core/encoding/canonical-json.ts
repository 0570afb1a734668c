import { Failure } from "../failure.ts";
import { utf8 } from "./bytes.ts";

/** What JSON can carry. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

// Far deeper than any document here, and far from the end of the stack; a circle ends here too.
const maxDepth = 200;

/**
 * The JSON Canonicalization Scheme (RFC 8785) of `value`, as text. Properties that are `undefined` are left
 * out, as JSON does. Throws `invalid-request` for what I-JSON cannot carry: NaN, infinities, lone surrogates,
 * bigints, functions, holes in arrays, objects that are more than their properties (dates, maps, bytes), and what is
 * nested more than 200 deep.
 */
export function canonicalJson(value: unknown): string {
  return serialize(value, "$", 0);
}

/** UTF-8 bytes of the canonical JSON of `value` (RFC 8785). */
export function canonicalJsonBytes(value: unknown): Uint8Array {
  return utf8(canonicalJson(value));
}

function serialize(value: unknown, place: string, depth: number): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return serializeString(value, place);
  // ECMAScript's Number::toString is the number format that RFC 8785 section 3.2.2.3 prescribes; it writes -0 as 0.
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new Failure("invalid-request", `${place} is ${value}, which JSON cannot carry.`);
    return JSON.stringify(value);
  }
  if (depth >= maxDepth) throw new Failure("invalid-request", `The JSON is nested more than ${maxDepth} deep.`);
  if (Array.isArray(value)) return serializeArray(value, place, depth);
  if (typeof value === "object") return serializeObject(value, place, depth);
  throw new Failure("invalid-request", `${place} is a ${typeof value}, which JSON cannot carry.`);
}

function serializeArray(value: readonly unknown[], place: string, depth: number): string {
  // Array.from makes holes `undefined`, which is refused; `map` would leave them empty.
  const items = Array.from(value, (item, index) => serialize(item, `${place}[${index}]`, depth + 1));
  return `[${items.join(",")}]`;
}

function serializeObject(value: object, place: string, depth: number): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    throw new Failure("invalid-request", `${place} is not a plain object, and JSON would lose what else it is.`);
  }
  // Default sort compares UTF-16 code units, as RFC 8785 section 3.2.3 asks.
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([key, member]) => `${serializeString(key, place)}:${serialize(member, `${place}.${key}`, depth + 1)}`);
  return `{${members.join(",")}}`;
}

function serializeString(text: string, place: string): string {
  if (!text.isWellFormed()) throw new Failure("invalid-request", `${place} holds half of a surrogate pair.`);
  return JSON.stringify(text);
}
