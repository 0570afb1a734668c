import * as v from "valibot";
import { equalBytes } from "../../encoding/bytes.ts";
import { canonicalJsonBytes, type Json, parseCanonicalJson } from "../../encoding/canonical-json.ts";
import { refuseNewer, versionIn } from "../../encoding/generation.ts";
import { type Sha256, sha256Hex } from "../../encoding/sha256.ts";
import { Failure } from "../../failure.ts";
import { readStrictJson } from "../../gates/strict-json.ts";

// Documents of a pack are other people's bytes: nothing is taken from one before its form was checked.

/**
 * What was made of a document, kept by its very bytes and gone with them. In a WeakMap that has grown old, V8 takes every
 * value for alive until it collects the whole heap, so that what each promotion's documents say would be carried there
 * and marked time and again (measured: a twelfth of a verification's time).
 */
function memory<Value>(): {
  of(bytes: Uint8Array): Value | undefined;
  keep(bytes: Uint8Array, value: Value): void;
} {
  const place = Symbol("said");
  const placeIn = (bytes: Uint8Array) => bytes as Uint8Array & Record<typeof place, Value | undefined>;
  return {
    of: (bytes) => placeIn(bytes)[place],
    keep: (bytes, value) => {
      placeIn(bytes)[place] = value;
    },
  };
}

// A promotion's documents are asked for by several rules in turn. Bounded, and small ones alone: whoever made the pack
// chooses how large they are.
const valuesRead = memory<{ readonly value: Json; readonly canonical: boolean }>();
const largestRemembered = 64 * 1024;

/** The value of a document, where it is JSON that can be taken; the same one for the same bytes. */
export function jsonOf(bytes: Uint8Array): ReturnType<typeof readStrictJson> {
  const known = valuesRead.of(bytes);
  if (known !== undefined) return { kind: "value", value: known.value };
  const canonical = parseCanonicalJson(bytes);
  const read = canonical === undefined ? readStrictJson(bytes) : ({ kind: "value", value: canonical.value } as const);
  if (read.kind === "value" && bytes.length <= largestRemembered)
    valuesRead.keep(bytes, { value: read.value, canonical: canonical !== undefined });
  return read;
}

/** Whether a document that has this value is written in canonical JSON. */
function isCanonical(value: Json, bytes: Uint8Array): boolean {
  return valuesRead.of(bytes)?.canonical === true || equalBytes(canonicalJsonBytes(value), bytes);
}

/** The digest of the canonical JSON of a document that has this value and this digest: where it is canonical, its own. */
export function canonicalDigest(bytes: Uint8Array, sha256: Sha256, value: unknown): Sha256 {
  return valuesRead.of(bytes)?.canonical === true ? sha256 : sha256Hex(canonicalJsonBytes(value));
}

/** The JSON of a document; throws `pack-invalid` naming it where it is none. */
export function readJson(name: string, bytes: Uint8Array): Json {
  const read = jsonOf(bytes);
  if (read.kind === "value") return read.value;
  throw new Failure("pack-invalid", `${name} is not JSON that can be taken: ${read.sentence}`);
}

/** The same of what this project writes, in its one spelling; throws `pack-invalid` naming it where it has another. */
export function readCanonicalJson(name: string, bytes: Uint8Array): Json {
  const value = readJson(name, bytes);
  if (!isCanonical(value, bytes)) throw new Failure("pack-invalid", `${name} is not written in canonical JSON.`);
  return value;
}

/** A document in JSON that says by one of its members of which version it is. */
interface VersionedDocument<Value> {
  readonly name: string;
  readonly member: string;
  readonly form: v.GenericSchema<Value>;
  /** Whether the one spelling that has a digest asks for more than canonical JSON, and this has it. */
  readonly isInForm?: (value: Value) => boolean;
}

const largestKept = 4 * 1024 * 1024;

/**
 * What reads a document of version 1; throws `pack-invalid` or `newer-version`. The same bytes, kept for many promotions, are
 * read for the first of them.
 */
export function documentReader<Value>(document: VersionedDocument<Value>): (bytes: Uint8Array) => Value {
  const read = memory<Value>();
  return (bytes) => {
    const known = read.of(bytes);
    if (known !== undefined) return known;
    const value = parsed(document, bytes);
    if (bytes.length <= largestKept) read.keep(bytes, value);
    return value;
  };
}

function parsed<Value>({ name, member, form, isInForm }: VersionedDocument<Value>, bytes: Uint8Array): Value {
  const json = readJson(name, bytes);
  refuseNewer(name, versionIn(json, member), 1);
  const result = v.safeParse(form, json);
  if (!result.success) {
    const [issue] = result.issues;
    throw new Failure(
      "pack-invalid",
      `${name} is not of the form that is known here (${v.getDotPath(issue) ?? "as a whole"}).`,
    );
  }
  if (!isCanonical(json, bytes)) throw new Failure("pack-invalid", `${name} is not written in canonical JSON.`);
  if (isInForm?.(result.output) === false) throw new Failure("pack-invalid", `${name} is not in canonical form.`);
  return result.output;
}
