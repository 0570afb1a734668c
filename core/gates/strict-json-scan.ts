import type { Json } from "../encoding/canonical-json.ts";

/** What a document asks of its reader, counted in one pass over its bytes; more than one of a kind is never missed. */
export interface JsonScan {
  readonly depth: number;
  /** No fewer than there are values, unless the text is not JSON. */
  readonly values: number;
  /** Names of members. */
  readonly names: number;
  /** Whether a text holds a backslash: only an escape can stand for half of a surrogate pair. */
  readonly escapes: boolean;
}

const quote = 0x22;
const backslash = 0x5c;
// Most bytes of a document matter to nothing here; one look at a table says so.
const matters = new Uint8Array(256);
for (const character of '"{}[],:') matters[character.charCodeAt(0)] = 1;

/**
 * Counts without reading, so that what is too deep or too much is known before memory is taken for it. A text that is
 * not JSON is counted somehow; who parses it afterwards finds out.
 */
export function scanJson(bytes: Uint8Array): JsonScan {
  const { length } = bytes;
  let depth = 0;
  let deepest = 0;
  let values = 1;
  let names = 0;
  let escapes = false;
  for (let at = 0; at < length; at++) {
    const byte = bytes[at] ?? 0;
    if (matters[byte] === 0) continue;
    if (byte === quote) {
      let inside = bytes[++at];
      while (inside !== quote && at < length) {
        if (inside === backslash) {
          escapes = true;
          at++;
        }
        inside = bytes[++at];
      }
    } else if (byte === 0x3a) names++;
    else if (byte === 0x2c) values++;
    else if (byte === 0x7b || byte === 0x5b) {
      values++;
      if (++depth > deepest) deepest = depth;
    } else depth--;
  }
  return { depth: deepest, values, names, escapes };
}

/**
 * Whether a parsed document is all that its text said: as many names as the text has, because `JSON.parse` keeps only
 * the last of two members of one name; every number finite, and every text well-formed.
 */
export function saysAll(value: Json, { names, escapes }: JsonScan): boolean {
  return countNames(value, escapes) === names;
}

/** Members in the whole value; NaN, which equals no count, where something in it is not I-JSON (RFC 7493). */
function countNames(value: Json, escapes: boolean): number {
  switch (typeof value) {
    case "number":
      return Number.isFinite(value) ? 0 : Number.NaN;
    case "string":
      return escapes && !value.isWellFormed() ? Number.NaN : 0;
    case "boolean":
      return 0;
  }
  if (value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value as readonly Json[]) {
      if (typeof item !== "number" || item - item !== 0) count += countNames(item, escapes);
    }
    return count;
  }
  for (const [name, member] of Object.entries(value)) {
    count += 1 + countNames(member, escapes);
    if (escapes && !name.isWellFormed()) return Number.NaN;
  }
  return count;
}
