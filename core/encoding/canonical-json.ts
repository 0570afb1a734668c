import { Failure } from "../failure.ts";
import { fromUtf8, utf8 } from "./bytes.ts";

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
  // Only where something cannot be said is it worth knowing where that stands.
  return quick(value, 0) ?? serialize(value, "$", 0);
}

/** UTF-8 bytes of the canonical JSON of `value` (RFC 8785). */
export function canonicalJsonBytes(value: unknown): Uint8Array {
  return utf8(canonicalJson(value));
}

/**
 * The value of bytes that are canonical JSON. `undefined` where they are not, or where it takes a closer look: at most
 * 64 deep, no half of a surrogate pair, no member `__proto__`. Several times as fast as reading strictly and writing
 * again: what comes out of the machine's own parser and goes back to the same text had one meaning only.
 */
export function parseCanonicalJson(bytes: Uint8Array): { readonly value: Json } | undefined {
  try {
    const text = fromUtf8(bytes);
    const value = JSON.parse(text) as Json;
    return JSON.stringify(value) === text && !/\\u[dD]/.test(text) && isSorted(value, 0) ? { value } : undefined;
  } catch {
    return undefined;
  }
}

function isSorted(value: Json, depth: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (depth >= 64) return false;
  if (Array.isArray(value)) return value.every((item) => isSorted(item, depth + 1));
  let before = "";
  let first = true;
  for (const [key, member] of Object.entries(value)) {
    if ((!first && key <= before) || key === "__proto__" || !isSorted(member, depth + 1)) return false;
    before = key;
    first = false;
  }
  return true;
}

/** What `serialize` writes, without knowing the place; `undefined` for what it would refuse. */
function quick(value: unknown, depth: number): string | undefined {
  switch (typeof value) {
    case "string":
      return value.isWellFormed() ? JSON.stringify(value) : undefined;
    case "number":
      return Number.isFinite(value) ? JSON.stringify(value) : undefined;
    case "boolean":
      return value ? "true" : "false";
    case "object":
      if (value === null) return "null";
      if (depth >= maxDepth) return undefined;
      return Array.isArray(value) ? quickArray(value, depth) : quickObject(value, depth);
    default:
      return undefined;
  }
}

function quickArray(value: readonly unknown[], depth: number): string | undefined {
  let text = "[";
  for (let at = 0; at < value.length; at += 1) {
    const item = quick(value[at], depth + 1);
    if (item === undefined) return undefined;
    text += at === 0 ? item : `,${item}`;
  }
  return `${text}]`;
}

function quickObject(value: object, depth: number): string | undefined {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return undefined;
  const members = value as Readonly<Record<string, unknown>>;
  // The default order is that of UTF-16 code units, as RFC 8785 section 3.2.3 asks.
  const keys = Object.keys(members).sort();
  let text = "{";
  for (const key of keys) {
    const member = members[key];
    if (member === undefined) continue;
    const written = quick(member, depth + 1);
    if (written === undefined || !key.isWellFormed()) return undefined;
    text += `${text.length === 1 ? "" : ","}${JSON.stringify(key)}:${written}`;
  }
  return `${text}}`;
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
