import * as v from "valibot";
import { equalBytes } from "../../encoding/bytes.ts";
import { canonicalJsonBytes, type Json, parseCanonicalJson } from "../../encoding/canonical-json.ts";
import { newerVersion, versionIn } from "../../encoding/generation.ts";
import { type Instant, isInstant } from "../../encoding/instant.ts";
import { membersOf } from "../../encoding/members-of.ts";
import { isSha256, type Sha256 } from "../../encoding/sha256.ts";
import { Failure } from "../../failure.ts";
import { readStrictJson } from "../../gates/strict-json.ts";
import { type Attachment, factTypes, type LedgerRecord } from "../../promotion/fact.ts";
import { isPromotionId, type PromotionId } from "../../promotion/promotion-id.ts";

const text = (longest: number) => v.pipe(v.string(), v.maxLength(longest));
const schema = v.strictObject({
  recordVersion: v.literal(1),
  id: v.pipe(text(400), v.minLength(1)),
  type: v.picklist(factTypes),
  at: v.custom<Instant>(isInstant),
  promotion: v.optional(v.custom<PromotionId>(isPromotionId)),
  summary: text(65_535),
  // Of any members, those that are called as the language calls its own as well: what has no others is held against that.
  body: membersOf(v.custom<Json>((value) => value !== undefined)),
  attachments: v.pipe(
    v.array(v.strictObject({ name: text(200), mediaType: text(200), sha256: v.custom<Sha256>(isSha256) })),
    v.check((attachments) => new Set(attachments.map(({ name }) => name)).size === attachments.length),
  ),
});

/** Reads a ledger entry. Throws `pack-invalid` unless it is the canonical JSON of a record of a known kind. */
export function readRecord(entry: Uint8Array): LedgerRecord {
  const canonical = parseCanonicalJson(entry)?.value;
  if (isRecord(canonical)) return canonical;
  return recordOf(canonical ?? strictly(entry));
}

/** A record by its schema. Throws `pack-invalid`, saying where it is none. */
export function recordOf(value: Json): LedgerRecord {
  const result = v.safeParse(schema, value);
  if (!result.success) {
    const [issue] = result.issues;
    throw new Failure("pack-invalid", `Its '${v.getDotPath(issue) ?? "form"}' is not that of a record.`);
  }
  const { promotion, ...rest } = result.output;
  return promotion === undefined ? rest : { ...rest, promotion };
}

const types: ReadonlySet<unknown> = new Set(factTypes);

/**
 * Whether a value, parsed from canonical JSON, is what the schema takes and answers unchanged: the same by hand, and
 * several times as fast. What is not is the schema's to say.
 */
export function isRecord(value: Json | undefined): value is Json & LedgerRecord {
  if (!isObject(value)) return false;
  const { recordVersion, id, type, at, promotion, summary, body, attachments } = value;
  return (
    Object.keys(value).length === (promotion === undefined ? 7 : 8) &&
    recordVersion === 1 &&
    isText(id, 400) &&
    id !== "" &&
    types.has(type) &&
    isInstant(at) &&
    (promotion === undefined || isPromotionId(promotion)) &&
    isText(summary, 65_535) &&
    isObject(body) &&
    Array.isArray(attachments) &&
    attachments.every(isAttachment) &&
    namesDiffer(attachments as unknown as LedgerRecord["attachments"])
  );
}

/** There are a handful: cheaper than a set of them, of each record of a log. */
function namesDiffer(attachments: LedgerRecord["attachments"]): boolean {
  return attachments.every(({ name }, at) => {
    for (let before = 0; before < at; before += 1) if (attachments[before]?.name === name) return false;
    return true;
  });
}

function isAttachment(value: Json): boolean {
  return (
    isObject(value) &&
    Object.keys(value).length === 3 &&
    isText(value["name"], 200) &&
    isText(value["mediaType"], 200) &&
    isSha256(value["sha256"])
  );
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: Json | undefined, longest: number): value is string {
  return typeof value === "string" && value.length <= longest;
}

/** Why an entry that is no record here may be one of a later version; `undefined` where it is none. */
export function whyNewer(entry: Uint8Array): string | undefined {
  const value = parseCanonicalJson(entry)?.value;
  const version = versionIn(value, "recordVersion");
  if (!isObject(value) || version === undefined) return undefined;
  if (version > 1) return newerVersion(`The record is of version ${version}`).message;
  const { type } = value;
  return version === 1 && typeof type === "string" && /^[a-z][a-z-]{0,60}$/.test(type) && !types.has(type)
    ? newerVersion(`The record is of the type '${type}'`).message
    : undefined;
}

function strictly(entry: Uint8Array): Json {
  const read = readStrictJson(entry);
  if (read.kind === "problem") throw new Failure("pack-invalid", `It is not JSON that can be taken: ${read.sentence}`);
  if (equalBytes(canonicalJsonBytes(read.value), entry)) return read.value;
  throw new Failure("pack-invalid", "It is not written in canonical JSON (RFC 8785).");
}

/** The document that a record names so. Throws `pack-invalid` where there is none, or more than one. */
export function attachmentNamed(record: LedgerRecord, name: string): Attachment {
  const [found, ...more] = record.attachments.filter((attachment) => attachment.name === name);
  if (found !== undefined && more.length === 0) return found;
  throw new Failure(
    "pack-invalid",
    `The record '${record.id}' names ${found === undefined ? "no" : "several"} ${name}.`,
  );
}
