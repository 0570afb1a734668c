import * as v from "valibot";
import { equalBytes } from "../encoding/bytes.ts";
import { canonicalJsonBytes, type Json, parseCanonicalJson } from "../encoding/canonical-json.ts";
import { type Instant, isInstant } from "../encoding/instant.ts";
import { isSha256, type Sha256 } from "../encoding/sha256.ts";
import { Failure } from "../failure.ts";
import { readStrictJson } from "../gates/strict-json.ts";
import { type Attachment, factTypes, type LedgerRecord } from "../promotion/fact.ts";
import { isPromotionId, type PromotionId } from "../promotion/promotion-id.ts";

const text = (longest: number) => v.pipe(v.string(), v.maxLength(longest));
const schema = v.strictObject({
  recordVersion: v.literal(1),
  id: v.pipe(text(400), v.minLength(1)),
  type: v.picklist(factTypes),
  at: v.custom<Instant>(isInstant),
  promotion: v.optional(v.custom<PromotionId>(isPromotionId)),
  summary: text(65_535),
  body: v.record(
    v.string(),
    v.custom<Json>((value) => value !== undefined),
  ),
  attachments: v.array(v.strictObject({ name: text(200), mediaType: text(200), sha256: v.custom<Sha256>(isSha256) })),
});

/** Reads a ledger entry. Throws `pack-invalid` unless it is the canonical JSON of a record of a known kind. */
export function readRecord(entry: Uint8Array): LedgerRecord {
  const value = parseCanonicalJson(entry)?.value ?? strictly(entry);
  const result = v.safeParse(schema, value);
  if (!result.success) {
    const [issue] = result.issues;
    throw new Failure("pack-invalid", `Its '${v.getDotPath(issue) ?? "form"}' is not that of a record.`);
  }
  const { promotion, ...rest } = result.output;
  return promotion === undefined ? rest : { ...rest, promotion };
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
