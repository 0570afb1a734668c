import type { Json } from "../../encoding/canonical-json.ts";
import type { Sha256 } from "../../encoding/sha256.ts";
import type { FactType, LedgerRecord } from "../../promotion/fact.ts";
import { idTokenName, peopleSnapshotName, personalTexts } from "../../promotion/personal-documents.ts";
import type { PromotionId } from "../../promotion/promotion-id.ts";
import type { PackFinding } from "./pack-findings.ts";
import { recordPath } from "./pack-layout.ts";
import type { PromotionRecord } from "./promotion-file.ts";

// What an export without personal data leaves out. What is signed cannot be: a statement names its signer by issuer and
// subject, `freeze.json` its authors as the pipeline knew them, and the record of a sign-off the reviewer.

// By the types of the records that bring them: what a pipeline sends may have such a name as well, and is evidence.
const documents: ReadonlyMap<string, readonly string[]> = new Map<FactType, readonly string[]>([
  ["sign-off", [idTokenName]],
  ["sign-off-kept", [idTokenName]],
  ["loan-requested", [idTokenName]],
  ["delegated", [idTokenName]],
  ["delegation-revoked", [idTokenName]],
  ["passkey-enrolled", [idTokenName]],
  ["passkey-confirmed", [idTokenName]],
  ["passkey-revoked", [idTokenName]],
  ["verdict", [peopleSnapshotName, ...personalTexts]],
  ["gates", personalTexts],
  ["blocked", personalTexts],
  ["policy-activated", personalTexts],
  ["freeze", personalTexts],
]);
const records = [
  "notification-queued",
  "notification-sent",
  "notification-refused",
  "notification-delivered",
  "notification-bounced",
  "notification-complained",
  "notification-redriven",
  "notification-discarded",
  "link-opened",
  "export-requested",
  "export",
] as const satisfies readonly FactType[];

/** Whether a document of a record is about people: names and addresses that nothing else needs. */
export function isPersonalDocument({ type, body }: Pick<LedgerRecord, "type" | "body">, name: string): boolean {
  if (documents.get(type)?.includes(name) !== true) return false;
  // Of proposed policies the files are the artifacts, which the record names; whatever else is frozen with it is evidence.
  return type !== "freeze" || isNamedIn(body["frozen"], name);
}

function isNamedIn(frozen: Json | undefined, name: string): boolean {
  return (
    Array.isArray(frozen) &&
    frozen.some((each: Json) => typeof each === "object" && each !== null && "name" in each && each["name"] === name)
  );
}

/** Whether a record only tells what a person was sent, looked at or took away; no decision rests on it. */
export function isPersonalRecord(type: string): boolean {
  return records.some((each) => each === type);
}

/** Which documents are not in a pack on purpose. */
export interface LeftOutDocuments {
  readonly leftOut: ReadonlySet<Sha256>;
  /** Whether the pack is one without personal data. */
  readonly withoutPersonalData: boolean;
}

/**
 * What is wrong with what was left out of a record's documents: all that is personal is, or nothing. One token that is
 * not there among hundreds that are would hide a forged decision where nobody thinks of it.
 */
export function whyLeftOutWrongly(
  record: Pick<LedgerRecord, "id" | "type" | "body" | "attachments">,
  { leftOut, withoutPersonalData }: LeftOutDocuments,
): string | undefined {
  for (const { name, sha256 } of record.attachments) {
    if (!leftOut.has(sha256)) continue;
    const which = `${name} of '${record.id}'`;
    if (!isPersonalDocument(record, name))
      return `The document ${which} is said to be left out as personal data, which it is not.`;
    if (!withoutPersonalData)
      return `The ${which} was left out of a pack that is not one without personal data: all that is personal is left out, or nothing.`;
  }
  return undefined;
}

/** A personal document that is in a pack without personal data. */
export interface KeptDocument {
  readonly index: number;
  readonly promotion?: PromotionId;
  readonly sha256: Sha256;
  /** What is wrong with that, unless a record brings the same bytes as something else. */
  readonly sentence: string;
}

/** Which of a record's personal documents were kept, in a pack without personal data. */
export function keptDocuments(
  { record, index }: PromotionRecord,
  { leftOut, withoutPersonalData }: LeftOutDocuments,
): readonly KeptDocument[] {
  if (!withoutPersonalData) return [];
  const kept = record.attachments.filter(
    ({ name, sha256 }) => !leftOut.has(sha256) && isPersonalDocument(record, name),
  );
  return kept.map(({ name, sha256 }) => ({
    index,
    ...(record.promotion === undefined ? {} : { promotion: record.promotion }),
    sha256,
    sentence: `Personal data was left out, but not the ${name} of '${record.id}': all that is personal is left out, or nothing.`,
  }));
}

/**
 * What was kept wrongly. A pipeline may send the bytes of people.yaml as evidence, which no pack can do without: whatever a
 * record brings as something that is not personal stays.
 */
export async function recheckKept(
  kept: readonly KeptDocument[],
  records: () => AsyncIterable<LedgerRecord>,
): Promise<readonly PackFinding[]> {
  const wrong = new Set(kept.map(({ sha256 }) => sha256));
  // Mostly there are none, and the records need not be looked through.
  if (wrong.size > 0) {
    for await (const record of records())
      for (const { name, sha256 } of record.attachments) if (!isPersonalDocument(record, name)) wrong.delete(sha256);
  }
  return kept.flatMap(({ index, promotion, sha256, sentence }) =>
    wrong.has(sha256)
      ? {
          code: "manifest-differs",
          path: recordPath(index),
          sentence,
          ...(promotion === undefined ? {} : { promotion }),
        }
      : [],
  );
}
