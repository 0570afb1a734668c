import { peopleSnapshotName } from "../approval/people-snapshot.ts";
import type { FactType } from "../promotion/fact.ts";
import { idTokenName } from "./promotion-file.ts";

// What an export without personal data leaves out. What is signed cannot be: a statement names its signer by issuer and
// subject, `freeze.json` its authors as the pipeline knew them, and the record of a sign-off the reviewer.

const documents: readonly string[] = [idTokenName, peopleSnapshotName];
const records = [
  "notification-queued",
  "notification-sent",
  "notification-refused",
  "notification-delivered",
  "notification-bounced",
  "notification-complained",
  "notification-redriven",
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
