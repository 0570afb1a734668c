import { peopleSnapshotName } from "../approval/people-snapshot.ts";
import type { Sha256 } from "../encoding/sha256.ts";
import { personalTexts } from "../policy/policy-bundle.ts";
import type { FactType, LedgerRecord } from "../promotion/fact.ts";
import { idTokenName } from "./promotion-file.ts";

// What an export without personal data leaves out. What is signed cannot be: a statement names its signer by issuer and
// subject, `freeze.json` its authors as the pipeline knew them, and the record of a sign-off the reviewer.

const documents: readonly string[] = [idTokenName, peopleSnapshotName, ...personalTexts];
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

/** Whether a document is about people: names and addresses that nothing else needs. */
export function isPersonalDocument(name: string): boolean {
  return documents.includes(name);
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
  { id, attachments }: Pick<LedgerRecord, "id" | "attachments">,
  { leftOut, withoutPersonalData }: LeftOutDocuments,
): string | undefined {
  for (const { name, sha256 } of attachments) {
    const personal = isPersonalDocument(name);
    if (leftOut.has(sha256) === (withoutPersonalData && personal)) continue;
    if (!personal) return `The document ${name} of '${id}' is said to be left out as personal data, which it is not.`;
    return withoutPersonalData
      ? `Personal data was left out, but not the ${name} of '${id}': all that is personal is left out, or nothing.`
      : `The ${name} of '${id}' was left out of a pack that is not one without personal data: all that is personal is left out, or nothing.`;
  }
  return undefined;
}
