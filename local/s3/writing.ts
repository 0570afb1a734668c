import { rm } from "node:fs/promises";

import { receiveBody, receiveDocument } from "./body.ts";
import { notImplemented, S3Error } from "./error.ts";
import { type Answer, asksForBypass, type Exchange, type Operation, objectArn } from "./exchange.ts";
import { versionAsked } from "./reading.ts";
import { parseRetention, parseRetentionDocument, type Retention } from "./retention.ts";
import type { StoredVersion, WriteCondition } from "./store.ts";

const lockHeaders = ["x-amz-object-lock-mode", "x-amz-object-lock-retain-until-date"];
/** What a writer may ask to be kept with the bytes. */
export const storageHeaders = ["x-amz-meta-", "x-amz-server-side-encryption", "x-amz-storage-class", ...lockHeaders];
/** What a request with a body may say about that body. */
export const bodyHeaders = [
  "x-amz-checksum-",
  "x-amz-decoded-content-length",
  "x-amz-sdk-checksum-algorithm",
  "x-amz-trailer",
];

/** The operations that write or remove one object. */
export const writingOperations: readonly Operation[] = [
  {
    method: "PUT",
    scope: "object",
    selectedBy: [],
    query: [],
    headers: ["if-match", "if-none-match", ...storageHeaders, ...bodyHeaders],
    run: putObject,
  },
  {
    method: "PUT",
    scope: "object",
    selectedBy: ["retention"],
    query: ["versionId"],
    headers: ["x-amz-bypass-governance-retention", ...bodyHeaders],
    run: putRetention,
  },
  {
    method: "DELETE",
    scope: "object",
    selectedBy: [],
    query: ["versionId"],
    headers: ["x-amz-bypass-governance-retention"],
    run: deleteObject,
  },
];

/** What a writer asks to be kept with the bytes, with the retention that will hold. */
export interface Keeping {
  readonly headers: Readonly<Record<string, string>>;
  readonly retention?: Retention;
}

/** Reads the storage headers of a write; the bucket's default retention holds where none is asked for. */
export function keepingAsked(exchange: Exchange): Keeping {
  const { headers, bucket, now } = exchange;
  const encryption = headers.get("x-amz-server-side-encryption") ?? "AES256";
  if (encryption !== "AES256") throw notImplemented(`The header x-amz-server-side-encryption with ${encryption}`);
  const storageClass = headers.get("x-amz-storage-class") ?? "STANDARD";
  if (storageClass !== "STANDARD") throw notImplemented(`The header x-amz-storage-class with ${storageClass}`);
  const kept: Record<string, string> = { "content-type": headers.get("content-type") ?? "binary/octet-stream" };
  for (const name of ["cache-control", "content-disposition", "content-language", "expires"]) {
    const value = headers.get(name);
    if (value !== undefined) kept[name] = value;
  }
  // The framing of the request is no property of the object.
  const encodings = (headers.get("content-encoding") ?? "").split(",").map((encoding) => encoding.trim());
  const encoding = encodings.filter((name) => name !== "" && name !== "aws-chunked").join(",");
  if (encoding !== "") kept["content-encoding"] = encoding;
  for (const [name, value] of headers) if (name.startsWith("x-amz-meta-")) kept[name] = value;

  const lock = bucket.store.settings.objectLock;
  const asked = parseRetention(
    headers.get("x-amz-object-lock-mode"),
    headers.get("x-amz-object-lock-retain-until-date"),
    now,
  );
  if (asked !== undefined && lock === undefined) {
    throw new S3Error(400, "InvalidRequest", "Bucket is missing Object Lock Configuration");
  }
  const byDefault = lock && { mode: lock.mode, until: new Date(now + lock.days * 86_400_000).toISOString() };
  const retention = asked ?? byDefault;
  return retention === undefined ? { headers: kept } : { headers: kept, retention };
}

/** The condition keys of a write: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html */
function writeContext({ headers, now }: Exchange, creates: boolean): Record<string, string | undefined> {
  const until = headers.get("x-amz-object-lock-retain-until-date");
  return {
    "s3:ObjectCreationOperation": String(creates),
    "s3:if-match": headers.get("if-match"),
    "s3:if-none-match": headers.get("if-none-match"),
    "s3:object-lock-mode": headers.get("x-amz-object-lock-mode"),
    "s3:object-lock-remaining-retention-days":
      until === undefined ? undefined : String(Math.ceil((Date.parse(until) - now) / 86_400_000)),
    "s3:object-lock-retain-until-date": until,
    "s3:x-amz-metadata-directive": headers.get("x-amz-metadata-directive"),
    "s3:x-amz-copy-source": headers.get("x-amz-copy-source"),
    "s3:x-amz-server-side-encryption": headers.get("x-amz-server-side-encryption"),
    "s3:x-amz-storage-class": headers.get("x-amz-storage-class"),
  };
}

/** Notes the permissions of a write; setting a retention needs one of its own. */
export function needWrite(exchange: Exchange, creates: boolean): void {
  const arn = objectArn(exchange.bucket, exchange.key);
  const context = writeContext(exchange, creates);
  exchange.need("s3:PutObject", arn, context);
  if (lockHeaders.some((name) => exchange.headers.has(name))) exchange.need("s3:PutObjectRetention", arn, context);
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html: If-Match reads the object.
  if (exchange.headers.has("if-match")) exchange.need("s3:GetObject", arn);
}

/** The condition of a write, after the bucket policy's word on writes without one. */
export function conditionAsked({ headers, bucket, key }: Exchange): WriteCondition {
  const ifNoneMatch = headers.get("if-none-match");
  const ifMatch = headers.get("if-match");
  if (ifNoneMatch !== undefined && ifNoneMatch !== "*") throw notImplemented("The header If-None-Match with an ETag");
  if (ifNoneMatch !== undefined && ifMatch !== undefined) throw notImplemented("If-Match beside If-None-Match");
  if (ifNoneMatch === undefined && bucket.requireIfNoneMatch(key)) {
    throw new S3Error(
      403,
      "AccessDenied",
      "Access Denied: the bucket policy denies writes here without If-None-Match.",
    );
  }
  if (ifMatch === undefined) return { ifNoneMatch: ifNoneMatch !== undefined };
  return { ifNoneMatch: false, ifMatch: `"${ifMatch.replace(/^"|"$/g, "")}"` };
}

/** Headers that every successful write answers. */
export function writtenHeaders(version: StoredVersion): Record<string, string | undefined> {
  const checksums = Object.entries(version.checksums).map(([name, value]) => [`x-amz-checksum-${name}`, value]);
  return {
    ...Object.fromEntries(checksums),
    etag: version.etag,
    "x-amz-checksum-type": version.checksumType,
    "x-amz-server-side-encryption": "AES256",
    "x-amz-version-id": version.id === "null" ? undefined : version.id,
  };
}

async function putObject(exchange: Exchange): Promise<Answer> {
  const { bucket, key, request, now } = exchange;
  needWrite(exchange, true);
  const condition = conditionAsked(exchange);
  const keeping = keepingAsked(exchange);
  // Early, so that a body that cannot win is not stored first; `commit` asks again at the deciding moment.
  bucket.store.assertCondition(key, condition);
  const incoming = bucket.store.incomingPath();
  try {
    const body = await receiveBody(request, incoming);
    if (keeping.retention !== undefined && !body.declared) {
      const what =
        "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters";
      throw new S3Error(400, "InvalidRequest", what);
    }
    const draft = {
      key,
      at: new Date(now).toISOString(),
      size: body.size,
      etag: `"${body.md5.toString("hex")}"`,
      checksums: body.checksums,
      checksumType: "FULL_OBJECT",
      ...keeping,
    } as const;
    return { status: 200, headers: writtenHeaders(bucket.store.commit(incoming, draft, condition)) };
  } catch (error) {
    await rm(incoming, { force: true });
    throw error;
  }
}

async function putRetention(exchange: Exchange): Promise<Answer> {
  const { bucket, key, query, request, now } = exchange;
  const retention = parseRetentionDocument(await receiveDocument(request), now);
  const days = retention && Math.ceil((Date.parse(retention.until) - now) / 86_400_000);
  exchange.need("s3:PutObjectRetention", objectArn(bucket, key), {
    "s3:VersionId": query.get("versionId"),
    "s3:object-lock-mode": retention?.mode,
    "s3:object-lock-retain-until-date": retention?.until,
    "s3:object-lock-remaining-retention-days": days === undefined ? undefined : String(days),
  });
  const bypass = asksForBypass(exchange);
  if (bucket.store.settings.objectLock === undefined) {
    throw new S3Error(400, "InvalidRequest", "Bucket is missing Object Lock Configuration");
  }
  bucket.store.retain(versionAsked(exchange), retention, now, bypass);
  return { status: 200 };
}

function deleteObject(exchange: Exchange): Answer {
  const { bucket, key, query, now } = exchange;
  const versionId = query.get("versionId");
  const arn = objectArn(bucket, key);
  if (versionId === undefined) {
    exchange.need("s3:DeleteObject", arn);
    const marker = bucket.store.delete(key, new Date(now).toISOString());
    const headers = { "x-amz-delete-marker": "true", "x-amz-version-id": marker?.id };
    return marker === undefined ? { status: 204 } : { status: 204, headers };
  }
  exchange.need("s3:DeleteObjectVersion", arn, { "s3:VersionId": versionId });
  const removed = bucket.store.deleteVersion(key, versionId, now, asksForBypass(exchange));
  const marker = removed !== undefined && removed.blob === undefined ? "true" : undefined;
  return { status: 204, headers: { "x-amz-version-id": versionId, "x-amz-delete-marker": marker } };
}
