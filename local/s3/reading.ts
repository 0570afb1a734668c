import { openSync } from "node:fs";
import { S3Error } from "./error.ts";
import { type Answer, bucketArn, type Exchange, type Operation, objectArn } from "./exchange.ts";
import { retentionDocument } from "./retention.ts";
import type { StoredVersion } from "./store.ts";

const readHeaders = ["if-match", "if-none-match", "range", "x-amz-checksum-mode"];

/** The operations that read one object. */
export const readingOperations: readonly Operation[] = [
  {
    method: "GET",
    scope: "object",
    selectedBy: [],
    query: ["versionId", "response-content-disposition", "response-content-type"],
    headers: readHeaders,
    run: (exchange) => read(exchange, true),
  },
  {
    method: "HEAD",
    scope: "object",
    selectedBy: [],
    query: ["versionId"],
    headers: readHeaders,
    run: (exchange) => read(exchange, false),
  },
  {
    method: "GET",
    scope: "object",
    selectedBy: ["retention"],
    query: ["versionId"],
    headers: [],
    run: (exchange) => {
      const { bucket, key, query } = exchange;
      exchange.need("s3:GetObjectRetention", objectArn(bucket, key), { "s3:VersionId": query.get("versionId") });
      const { retention } = versionAsked(exchange);
      if (retention === undefined) {
        throw new S3Error(
          404,
          "NoSuchObjectLockConfiguration",
          "The specified object does not have a ObjectLock configuration",
        );
      }
      return { status: 200, headers: { "content-type": "application/xml" }, body: retentionDocument(retention) };
    },
  },
];

/**
 * The version that the request names, or the current one. For what is not there S3 says 404 only to those who may
 * list the bucket (403 to others), so a 404 needs `s3:ListBucket` as well.
 */
export function versionAsked(exchange: Exchange): StoredVersion {
  const { bucket, key, query } = exchange;
  const id = query.get("versionId");
  const version =
    id === undefined ? bucket.store.current(key) : bucket.store.versions(key).find((candidate) => candidate.id === id);
  if (version?.blob !== undefined) return version;
  if (version !== undefined && id !== undefined) {
    const headers = { "x-amz-delete-marker": "true", allow: "DELETE" };
    throw new S3Error(405, "MethodNotAllowed", "The specified method is not allowed against this resource.", headers);
  }
  exchange.need("s3:ListBucket", bucketArn(bucket));
  if (id !== undefined) throw new S3Error(404, "NoSuchVersion", "The specified version does not exist.");
  const headers = version === undefined ? {} : { "x-amz-delete-marker": "true", "x-amz-version-id": version.id };
  throw new S3Error(404, "NoSuchKey", "The specified key does not exist.", headers);
}

function read(exchange: Exchange, withBody: boolean): Answer {
  const { bucket, key, query, headers } = exchange;
  const versionId = query.get("versionId");
  exchange.need(versionId === undefined ? "s3:GetObject" : "s3:GetObjectVersion", objectArn(bucket, key), {
    "s3:VersionId": versionId,
  });
  const version = versionAsked(exchange);
  const described = describe(exchange, version);
  const ifMatch = headers.get("if-match");
  if (ifMatch !== undefined && ifMatch !== "*" && !sameEtag(ifMatch, version.etag)) {
    throw new S3Error(
      412,
      "PreconditionFailed",
      "At least one of the pre-conditions you specified did not hold: If-Match.",
    );
  }
  const ifNoneMatch = headers.get("if-none-match");
  if (ifNoneMatch !== undefined && (ifNoneMatch === "*" || sameEtag(ifNoneMatch, version.etag))) {
    return { status: 304, headers: { etag: version.etag, "last-modified": described["last-modified"] } };
  }
  const range = parseRange(headers.get("range"), version.size);
  const [start, end] = range ?? [0, version.size - 1];
  const answer: Answer = {
    status: range === undefined ? 200 : 206,
    headers: {
      ...described,
      ...(range === undefined ? checksumHeaders(exchange, version) : {}),
      "content-length": String(end - start + 1),
      "content-range": range === undefined ? undefined : `bytes ${start}-${end}/${version.size}`,
    },
  };
  if (!withBody || version.size === 0) return answer;
  // Opened in the same step in which the version was looked up: whoever removes it now no longer takes these bytes away.
  return { ...answer, file: { descriptor: openSync(bucket.store.blobPath(version), "r"), start, end } };
}

function describe({ query }: Exchange, version: StoredVersion): Record<string, string | undefined> {
  return {
    ...version.headers,
    "content-type": query.get("response-content-type") ?? version.headers["content-type"],
    "content-disposition": query.get("response-content-disposition") ?? version.headers["content-disposition"],
    "accept-ranges": "bytes",
    etag: version.etag,
    "last-modified": new Date(version.at).toUTCString(),
    "x-amz-server-side-encryption": "AES256",
    "x-amz-version-id": version.id === "null" ? undefined : version.id,
  };
}

/**
 * Object Lock headers are left out of GetObject and HeadObject on purpose: S3 shows them only to callers with
 * `s3:GetObjectRetention`, so whoever needs them must call that operation.
 */
function checksumHeaders({ headers }: Exchange, version: StoredVersion): Record<string, string> {
  if (headers.get("x-amz-checksum-mode") !== "ENABLED") return {};
  const found: Record<string, string> = { "x-amz-checksum-type": version.checksumType };
  for (const [algorithm, value] of Object.entries(version.checksums)) found[`x-amz-checksum-${algorithm}`] = value;
  return found;
}

/** First and last byte of a single range (RFC 9110 section 14.1.2); several ranges are answered whole, as S3 does. */
function parseRange(header: string | undefined, size: number): readonly [number, number] | undefined {
  const match = header === undefined ? null : /^bytes=(\d*)-(\d*)$/.exec(header);
  if (match === null || (match[1] === "" && match[2] === "")) return undefined;
  const first = match[1] === "" ? Math.max(0, size - Number(match[2])) : Number(match[1]);
  const last = match[1] === "" || match[2] === "" ? size - 1 : Math.min(size - 1, Number(match[2]));
  if (match[1] !== "" && match[2] !== "" && Number(match[2]) < first) return undefined;
  if (first >= size) {
    throw new S3Error(416, "InvalidRange", "The requested range is not satisfiable", {
      "content-range": `bytes */${size}`,
    });
  }
  return [first, last];
}

function sameEtag(header: string, etag: string): boolean {
  return header.replace(/^"|"$/g, "") === etag.replace(/^"|"$/g, "");
}
