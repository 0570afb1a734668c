import type { Json } from "../encoding/canonical-json.ts";
import { Failure } from "../failure.ts";
import { type JsonPath, jsonPointer } from "./json-pointer.ts";
import { saysAll, scanJson } from "./strict-json-scan.ts";

/** How much a document may ask of the reader. */
export interface JsonLimits {
  readonly bytes: number;
  readonly depth: number;
  /** Of values of any kind, so that `[[],[],…` cannot take a hundred times its own size. */
  readonly values: number;
}

export const evidenceLimits: JsonLimits = { bytes: 16 * 1024 * 1024, depth: 64, values: 2_000_000 };

export type StrictJson =
  | { readonly kind: "value"; readonly value: Json }
  | {
      readonly kind: "problem";
      /** JSON pointer (RFC 6901) of the innermost value that was being read. */
      readonly pointer: string;
      /** Says what is wrong and at which line and column. */
      readonly sentence: string;
    };

/**
 * Reads hostile bytes as JSON (RFC 8259, and I-JSON's rules of RFC 7493 on duplicate names and surrogates): too
 * large, too deep, not UTF-8, a name given twice, half of a surrogate pair, or a number beyond IEEE 754 is a
 * problem, never a guess. `__proto__` and `constructor` are names like any other: ask for members of an object's own.
 */
export function readStrictJson(bytes: Uint8Array, limits: JsonLimits = evidenceLimits): StrictJson {
  const refuse = (sentence: string): StrictJson => ({ kind: "problem", pointer: "", sentence });
  if (bytes.byteLength > limits.bytes)
    return refuse(`The document has ${bytes.byteLength} bytes; at most ${limits.bytes} are read.`);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return refuse("The document is not valid UTF-8.");
  }
  const quick = parsedQuickly(bytes, text, limits);
  if (quick !== undefined) return { kind: "value", value: quick };
  try {
    return { kind: "value", value: parseDocument(text, limits) };
  } catch (stop) {
    if (!(stop instanceof Stop)) throw stop;
    const place = lineAndColumn(text, stop.at);
    return { kind: "problem", pointer: jsonPointer(stop.path), sentence: `${stop.what} at ${place}.` };
  }
}

/** What `name` holds. Throws `malformed-json`, with the place and the reason, where it is not JSON that `readStrictJson` takes. */
export function requireJson(name: string, bytes: Uint8Array): Json {
  const read = readStrictJson(bytes);
  if (read.kind === "value") return read.value;
  const at = read.pointer === "" ? "" : `, at '${read.pointer}'`;
  throw new Failure("malformed-json", `${name} is not JSON that can be taken${at}: ${read.sentence}`);
}

/**
 * The document by `JSON.parse`, which is some ten times as quick as the parser below (measured), where that comes to the
 * same; undefined where it might not, and the parser below then says what is wrong and where.
 */
function parsedQuickly(bytes: Uint8Array, text: string, limits: JsonLimits): Json | undefined {
  const scan = scanJson(bytes);
  if (scan.depth > limits.depth || scan.values > limits.values) return undefined;
  try {
    const value = JSON.parse(text) as Json;
    return saysAll(value, scan) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** How the parser below leaves its recursion; never seen outside. */
class Stop extends Error {
  readonly what: string;
  readonly at: number;
  readonly path: JsonPath;

  constructor(what: string, at: number, path: JsonPath) {
    super(what);
    this.what = what;
    this.at = at;
    this.path = path;
  }
}

const numberPattern = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
// Everything but the quote, the backslash and the control characters (RFC 8259 section 7).
const plainText = /[ !#-[\]-\uffff]*/y;
const blanks = /[ \t\n\r]*/y;
const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

function parseDocument(text: string, limits: JsonLimits): Json {
  const path: (string | number)[] = [];
  let at = 0;
  let values = 0;

  const stop = (what: string, place = at) => new Stop(what, place, [...path]);

  function skipBlanks(): void {
    const code = text.charCodeAt(at);
    if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return;
    blanks.lastIndex = at;
    blanks.test(text);
    at = blanks.lastIndex;
  }

  function value(): Json {
    if (++values > limits.values) throw stop(`The document holds more than ${limits.values} values`);
    skipBlanks();
    switch (text[at]) {
      case "{":
        return object();
      case "[":
        return array();
      case '"':
        return string();
      case "t":
        return word("true", true);
      case "f":
        return word("false", false);
      case "n":
        return word("null", null);
      default:
        return number();
    }
  }

  function enter(): void {
    if (path.length >= limits.depth) throw stop(`The document is nested deeper than ${limits.depth} levels`);
    at++;
    skipBlanks();
  }

  function object(): Json {
    enter();
    const members: Record<string, Json> = Object.create(null);
    if (text[at] === "}") {
      at++;
      return members;
    }
    for (;;) {
      if (text[at] !== '"') throw stop("A name in quotes is missing");
      const nameAt = at;
      const name = string();
      path.push(name);
      if (name in members) throw stop(`The name ${JSON.stringify(name)} is given twice`, nameAt);
      skipBlanks();
      if (text[at] !== ":") throw stop("A colon is missing");
      at++;
      members[name] = value();
      path.pop();
      skipBlanks();
      if (text[at] === "}") break;
      if (text[at] !== ",") throw stop("A comma or a closing brace is missing");
      at++;
      skipBlanks();
    }
    at++;
    return members;
  }

  function array(): Json {
    enter();
    const items: Json[] = [];
    if (text[at] === "]") {
      at++;
      return items;
    }
    for (;;) {
      path.push(items.length);
      items.push(value());
      path.pop();
      skipBlanks();
      if (text[at] === "]") break;
      if (text[at] !== ",") throw stop("A comma or a closing bracket is missing");
      at++;
    }
    at++;
    return items;
  }

  function string(): string {
    const from = ++at;
    plainText.lastIndex = at;
    plainText.test(text);
    at = plainText.lastIndex;
    if (text[at] === '"') return text.slice(from, at++);
    const parts = [text.slice(from, at)];
    for (;;) {
      const character = text[at];
      if (character === '"') break;
      if (character === undefined) throw stop("A text has no closing quote");
      if (character !== "\\") throw stop("A control character stands unescaped in a text");
      parts.push(escaped());
      plainText.lastIndex = at;
      const start = at;
      plainText.test(text);
      at = plainText.lastIndex;
      parts.push(text.slice(start, at));
    }
    at++;
    const whole = parts.join("");
    if (!whole.isWellFormed()) throw stop("A text holds half of a surrogate pair", from - 1);
    return whole;
  }

  function escaped(): string {
    const letter = text[at + 1] ?? "";
    if (letter === "u") {
      const digits = text.slice(at + 2, at + 6);
      if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw stop("An escape needs four hexadecimal digits");
      at += 6;
      return String.fromCharCode(Number.parseInt(digits, 16));
    }
    const meaning = Object.hasOwn(escapes, letter) ? escapes[letter] : undefined;
    if (meaning === undefined) throw stop("An escape is not one that JSON knows");
    at += 2;
    return meaning;
  }

  function word<Value extends Json>(spelling: string, meaning: Value): Value {
    if (!text.startsWith(spelling, at)) throw unexpected();
    at += spelling.length;
    return meaning;
  }

  function number(): number {
    numberPattern.lastIndex = at;
    if (!numberPattern.test(text)) throw unexpected();
    const result = Number(text.slice(at, numberPattern.lastIndex));
    if (!Number.isFinite(result)) throw stop("A number is too large to be read");
    at = numberPattern.lastIndex;
    return result;
  }

  function unexpected(): Stop {
    const spelling = /^[-+]?(?:NaN|Infinity|nan|inf)/.exec(text.slice(at, at + 10))?.[0];
    if (spelling !== undefined) return stop(`${spelling} is not a number in JSON; it stands`);
    return stop(at >= text.length ? "The document ends too early" : "A value is expected");
  }

  const document = value();
  skipBlanks();
  if (at < text.length) throw stop("Something follows the end of the document");
  return document;
}

function lineAndColumn(text: string, at: number): string {
  const before = text.slice(0, at);
  const line = before.split("\n").length;
  return `line ${line}, column ${at - before.lastIndexOf("\n")}`;
}
