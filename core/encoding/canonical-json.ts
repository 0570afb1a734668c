import { Failure } from "../failure.ts";
import { fromUtf8, utf8 } from "./bytes.ts";
import { compareText } from "./text-order.ts";

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
  return quick(value) ?? serialize(value, "$", 0);
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
    return isCanonicalText(text, value) ? { value } : undefined;
  } catch {
    return undefined;
  }
}

/** Whether text, of which `value` was parsed, is canonical JSON; false also where it takes a closer look, as above. */
export function isCanonicalText(text: string, value: unknown): boolean {
  return (
    JSON.stringify(value) === text &&
    !(text.includes("\\u") && /\\u[dD]/.test(text)) &&
    isSorted((value ?? null) as Json, 0)
  );
}

/**
 * Whether two values of which both have canonical JSON have the same: without writing either. Members that are
 * `undefined` are left out, as there.
 */
export function sameJson(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  if (Array.isArray(one) || Array.isArray(other)) {
    return (
      Array.isArray(one) &&
      Array.isArray(other) &&
      one.length === other.length &&
      one.every((item, at) => sameJson(item, other[at]))
    );
  }
  const [some, others] = [one as Readonly<Record<string, unknown>>, other as Readonly<Record<string, unknown>>];
  let left = 0;
  for (const key of Object.keys(others)) if (others[key] !== undefined) left += 1;
  for (const key of Object.keys(some)) {
    const member = some[key];
    if (member === undefined) continue;
    if (!Object.hasOwn(others, key) || !sameJson(member, others[key])) return false;
    left -= 1;
  }
  return left === 0;
}

function isSorted(value: Json, depth: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (depth >= 64) return false;
  if (Array.isArray(value)) return value.every((item) => isSorted(item, depth + 1));
  const members = value as Readonly<Record<string, Json>>;
  let before: string | undefined;
  for (const key of Object.keys(members)) {
    if ((before !== undefined && key <= before) || key === "__proto__") return false;
    if (!isSorted(members[key] ?? null, depth + 1)) return false;
    before = key;
  }
  return true;
}

/**
 * What `serialize` writes, by the machine's own writer: some three times as fast (measured). `undefined` for what it
 * would refuse, or where a closer look is needed.
 */
function quick(value: unknown): string | undefined {
  const arranged = inOrder(value, 0);
  if (arranged === undefined) return undefined;
  const text = JSON.stringify(arranged);
  // So half of a surrogate pair is written; a text may also just say so.
  return text.includes("\\ud") ? undefined : text;
}

/** The value with the members of every object in order: itself, where they are. `undefined` as in `quick`. */
function inOrder(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) ? value : undefined;
    case "object":
      if (value === null) return null;
      if (depth >= maxDepth) return undefined;
      return Array.isArray(value) ? arrayInOrder(value, depth) : objectInOrder(value, depth);
    default:
      return undefined;
  }
}

function arrayInOrder(items: readonly unknown[], depth: number): readonly unknown[] | undefined {
  let copy: unknown[] | undefined;
  for (let at = 0; at < items.length; at += 1) {
    const item = inOrder(items[at], depth + 1);
    if (item === undefined) return undefined;
    if (item !== items[at]) copy ??= items.slice();
    if (copy !== undefined) copy[at] = item;
  }
  return copy ?? items;
}

function objectInOrder(value: object, depth: number): object | undefined {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return undefined;
  const members = value as Readonly<Record<string, unknown>>;
  const keys = Object.keys(members);
  let same = true;
  for (let at = 1; at < keys.length && same; at += 1) same = (keys[at - 1] ?? "") < (keys[at] ?? "");
  // The default order is that of UTF-16 code units, as RFC 8785 section 3.2.3 asks.
  if (!same) keys.sort();
  const copy: Record<string, unknown> = {};
  for (const key of keys) {
    const member = members[key];
    if (member === undefined) continue;
    const arranged = inOrder(member, depth + 1);
    // A name that is a number goes before others wherever it is put, and this one is none.
    if (arranged === undefined || key === "__proto__" || (!same && /^\d/.test(key))) return undefined;
    if (arranged !== member && same) return copied(members, keys, depth);
    if (!same) copy[key] = arranged;
  }
  return same ? members : copy;
}

/** An object whose own members are in order, and those of some below are not. */
function copied(members: Readonly<Record<string, unknown>>, keys: readonly string[], depth: number) {
  const copy: Record<string, unknown> = {};
  for (const key of keys) {
    const member = members[key];
    if (member === undefined) continue;
    const arranged = inOrder(member, depth + 1);
    if (arranged === undefined || key === "__proto__") return undefined;
    copy[key] = arranged;
  }
  return copy;
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
    .sort(([a], [b]) => compareText(a, b))
    .map(([key, member]) => `${serializeString(key, place)}:${serialize(member, `${place}.${key}`, depth + 1)}`);
  return `{${members.join(",")}}`;
}

function serializeString(text: string, place: string): string {
  if (!text.isWellFormed()) throw new Failure("invalid-request", `${place} holds half of a surrogate pair.`);
  return JSON.stringify(text);
}
