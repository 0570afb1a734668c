import { type Envelope, parseEnvelope } from "../../attestation/dsse.ts";
import { readToken } from "../../attestation/id-token.ts";
import { loanEnvelopeName } from "../../attestation/recorded-loan.ts";
import { sigstoreBundle } from "../../attestation/sigstore-bundle.ts";
import { fromBase64 } from "../../encoding/base64.ts";
import { fromUtf8, utf8 } from "../../encoding/bytes.ts";
import { canonicalJson, type Json } from "../../encoding/canonical-json.ts";
import { isSha256, type Sha256 } from "../../encoding/sha256.ts";
import { Failure } from "../../failure.ts";
import type { FactType, LedgerRecord } from "../../promotion/fact.ts";
import { idTokenName } from "../../promotion/personal-documents.ts";
import type { PromotionId } from "../../promotion/promotion-id.ts";
import { jsonOf } from "../documents/json-document.ts";
import type { PackVersion } from "../documents/pack-version.ts";
import { promotionReport } from "../reports/promotion-report.ts";
import type { SignedStatement } from "../reports/report-decisions.ts";
import { hasListsBeside, withListsBeside } from "./lists-beside.ts";
import { attestationsPath, bundlePath, reportPath } from "./pack-layout.ts";
import { packVersion } from "./pack-manifest.ts";

/** A document by its digest, or `undefined` where it is not at hand. */
export type ReadDocument = (sha256: Sha256) => Promise<Uint8Array | undefined>;

/** A record of one promotion, and its place in the log. */
export interface PromotionRecord {
  readonly index: number;
  readonly record: LedgerRecord;
}

/** A file that follows from the records and their documents alone. */
export interface DerivedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The same as text. */
export interface DerivedText {
  readonly name: string;
  readonly text: string;
}

/** Names in a record under which a signed statement is kept, and what its bundle is called. */
export const envelopeNames: Readonly<Partial<Record<FactType, string>>> = {
  "sign-off": "sign-off.dsse.json",
  "loan-requested": loanEnvelopeName,
  verdict: "verdict.dsse.json",
};

/**
 * What is put beside the records of a promotion for people and for tools: statements as DSSE lines and as Sigstore
 * bundles, and the report. The same records and documents give the same bytes, in packs of one version.
 */
export async function derivedFiles(
  promotion: PromotionId,
  records: readonly PromotionRecord[],
  read: ReadDocument,
  version: PackVersion = packVersion,
): Promise<readonly DerivedFile[]> {
  return (await derivedTexts(promotion, records, read, version)).map(({ name, text }) => ({ name, bytes: utf8(text) }));
}

/**
 * As `derivedFiles`, for whoever compares.
 *
 * @param known what signed statements say, by the places of their records, where they were taken apart already
 */
export async function derivedTexts(
  promotion: PromotionId,
  records: readonly PromotionRecord[],
  read: ReadDocument,
  version: PackVersion,
  known?: ReadonlyMap<number, Pick<SignedStatement, "predicate" | "name">>,
): Promise<readonly DerivedText[]> {
  const signed: (SignedStatement & { readonly bytes: Uint8Array })[] = [];
  for (const { record, index } of records) {
    const name = envelopeNames[record.type];
    const attachment = record.attachments.find((each) => each.name === name);
    const bytes = attachment === undefined ? undefined : await read(attachment.sha256);
    const envelope = bytes === undefined ? undefined : envelopeOf(bytes);
    if (bytes === undefined || envelope === undefined) continue;
    const said = known?.get(index);
    if (said !== undefined) {
      signed.push({ index, envelope, bytes, ...said });
      continue;
    }
    const person = record.type === "verdict" ? undefined : await personOf(record, read);
    const named = person === undefined ? {} : { name: person };
    signed.push({ index, envelope, bytes, predicate: predicateOf(envelope), ...named });
  }
  const names = new Set<string>();
  const bundles = signed.map(({ index, envelope }) => {
    const own = bundlePath(promotion, bundleName(records, index));
    // A record that is in the log twice is for verification to name; a pack holds each file once all the same.
    const name = names.has(own) ? bundlePath(promotion, `statement-${index}`) : own;
    names.add(name);
    return { name, text: canonicalJson(sigstoreBundle(envelope)) };
  });
  const whole = await withLists(records, read);
  const report = await promotionReport(
    {
      ...{ promotion, records: whole, signed, names: version === 1 ? new Map() : await namesIn(records, signed, read) },
      read: (sha256) => documentJson(sha256, read),
      readText: (sha256) => documentText(sha256, read),
    },
    version,
  );
  return [
    ...(signed.length === 0
      ? []
      : [
          {
            name: attestationsPath(promotion),
            text: signed.map(({ bytes }) => `${fromUtf8(bytes)}\n`).join(""),
          },
        ]),
    ...bundles,
    { name: reportPath(promotion), text: report },
  ];
}

/** A JSON document; `undefined` where it is not at hand or not JSON that can be taken. */
export async function documentJson(sha256: Sha256, read: ReadDocument): Promise<Json | undefined> {
  const bytes = await read(sha256);
  return bytes === undefined ? undefined : documentValue(bytes);
}

/** A text; `undefined` where it is not at hand or none. */
async function documentText(sha256: Sha256, read: ReadDocument): Promise<string | undefined> {
  const bytes = await read(sha256);
  if (bytes === undefined) return undefined;
  try {
    return fromUtf8(bytes);
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

function documentValue(bytes: Uint8Array): Json | undefined {
  const json = jsonOf(bytes);
  return json.kind === "value" ? json.value : undefined;
}

/** Records with what lies beside them as it was too long; where that cannot be read, for verification to name, without. */
async function withLists(records: readonly PromotionRecord[], read: ReadDocument): Promise<readonly PromotionRecord[]> {
  const whole: PromotionRecord[] = [];
  for (const each of records)
    whole.push(hasListsBeside(each.record) ? { ...each, record: await withOwnLists(each.record, read) } : each);
  return whole;
}

async function withOwnLists(record: LedgerRecord, read: ReadDocument): Promise<LedgerRecord> {
  try {
    return await withListsBeside(record, read);
  } catch (error) {
    if (error instanceof Failure) return record;
    throw error;
  }
}

/** Names of those who signed, or whose sign-off was kept, as the ID token of each record has them. */
async function namesIn(
  records: readonly PromotionRecord[],
  signed: readonly SignedStatement[],
  read: ReadDocument,
): Promise<ReadonlyMap<number, string>> {
  const names = new Map(signed.flatMap(({ index, name }) => (name === undefined ? [] : [[index, name] as const])));
  for (const { index, record } of records) {
    if (record.type !== "sign-off-kept") continue;
    const name = await personOf(record, read);
    if (name !== undefined) names.set(index, name);
  }
  return names;
}

/** The reviewer's name, as the ID token has it. */
async function personOf(record: LedgerRecord, read: ReadDocument): Promise<string | undefined> {
  const token = record.attachments.find(({ name }) => name === idTokenName);
  const bytes = token === undefined ? undefined : await read(token.sha256);
  if (bytes === undefined) return undefined;
  try {
    const { name } = readToken(fromUtf8(bytes)).claims;
    return typeof name === "string" && name !== "" ? name : undefined;
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

function bundleName(records: readonly PromotionRecord[], index: number): string {
  const record = records.find((each) => each.index === index)?.record;
  if (record?.type === "verdict") {
    const earlier = records.filter((each) => each.index < index && each.record.type === "verdict").length;
    return earlier === 0 ? "verdict" : `verdict-${earlier + 1}`;
  }
  // The id of such a record ends in that of what was signed.
  const id = record?.id.slice(-64);
  return `${record?.type === "loan-requested" ? "loan" : "sign-off"}-${isSha256(id) ? id : index}`;
}

function envelopeOf(bytes: Uint8Array): Envelope | undefined {
  const json = documentValue(bytes);
  if (json === undefined) return undefined;
  try {
    return parseEnvelope(json);
  } catch (error) {
    if (error instanceof Failure && error.code === "signature-invalid") return undefined;
    throw error;
  }
}

function predicateOf(envelope: Envelope): Json {
  const statement = documentValue(payloadOf(envelope)) ?? null;
  return typeof statement === "object" && statement !== null && "predicate" in statement
    ? (statement["predicate"] ?? null)
    : null;
}

function payloadOf(envelope: Envelope): Uint8Array {
  try {
    return fromBase64(envelope.payload);
  } catch (error) {
    if (error instanceof Failure) return new Uint8Array();
    throw error;
  }
}
