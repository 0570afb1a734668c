import { S3Error, s3Namespace, xmlDeclaration, xmlElement, xmlValue } from "./error.ts";

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html

/** How long a version is kept from removal, and by which mode. */
export interface Retention {
  readonly mode: "COMPLIANCE" | "GOVERNANCE";
  /** ISO 8601 in UTC with milliseconds. */
  readonly until: string;
}

/** Reads mode and date as clients write them; both or neither, and the date must lie ahead of `now`. */
export function parseRetention(
  mode: string | undefined,
  until: string | undefined,
  now: number,
): Retention | undefined {
  if (mode === undefined && until === undefined) return undefined;
  if (mode === undefined || until === undefined) {
    throw new S3Error(400, "InvalidArgument", "Object Lock mode and retain-until date must both be supplied.");
  }
  if (mode !== "COMPLIANCE" && mode !== "GOVERNANCE") {
    throw new S3Error(400, "InvalidArgument", "Unknown wormMode directive.");
  }
  const ms = Date.parse(until);
  if (!/^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/.test(until) || Number.isNaN(ms)) {
    throw new S3Error(400, "InvalidArgument", "The retain until date must be provided in ISO 8601 format.");
  }
  if (ms <= now) throw new S3Error(400, "InvalidArgument", "The retain until date must be in the future!");
  return { mode, until: new Date(ms).toISOString() };
}

/** Refuses to remove a version whose retention still holds. */
export function assertRemovable(retention: Retention | undefined, now: number, bypass: boolean): void {
  if (retention === undefined || Date.parse(retention.until) <= now) return;
  if (retention.mode === "COMPLIANCE" || !bypass) throw accessDenied();
}

/** Refuses to weaken a retention that still holds: under COMPLIANCE always, under GOVERNANCE without the bypass. */
export function assertRetentionChange(
  before: Retention | undefined,
  after: Retention | undefined,
  now: number,
  bypass: boolean,
): void {
  if (before === undefined || Date.parse(before.until) <= now) return;
  const shortened = after === undefined || after.until < before.until;
  const weakened = before.mode === "COMPLIANCE" && after?.mode !== "COMPLIANCE";
  if (!shortened && !weakened) return;
  if (before.mode === "COMPLIANCE" || !bypass) throw accessDenied();
}

/** The document that GetObjectRetention answers. */
export function retentionDocument(retention: Retention): string {
  const content = xmlElement("Mode", retention.mode) + xmlElement("RetainUntilDate", retention.until);
  return `${xmlDeclaration}<Retention ${s3Namespace}>${content}</Retention>`;
}

/** Reads the document that PutObjectRetention takes; an empty one asks to remove the retention. */
export function parseRetentionDocument(xml: string, now: number): Retention | undefined {
  if (!/<Retention[\s>/]/.test(xml))
    throw new S3Error(400, "MalformedXML", "The XML you provided was not well-formed.");
  return parseRetention(xmlValue(xml, "Mode"), xmlValue(xml, "RetainUntilDate"), now);
}

function accessDenied(): S3Error {
  return new S3Error(403, "AccessDenied", "Access Denied because object protected by object lock.");
}
