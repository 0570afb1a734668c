import { createReadStream, openSync } from "node:fs";
import { rm } from "node:fs/promises";

import { writeFile } from "./body.ts";
import { checksumAlgorithm, runningDigest } from "./checksum.ts";
import { S3Error, s3Namespace, xmlDeclaration, xmlElement } from "./error.ts";
import { type Answer, type Exchange, type Operation, objectArn } from "./exchange.ts";
import { partNumberAsked, uploadAsked } from "./multipart.ts";
import { versionAsked } from "./reading.ts";
import type { StoredVersion } from "./store.ts";
import { conditionAsked, keepingAsked, needWrite, storageHeaders } from "./writing.ts";

/** Longest object that one CopyObject takes: 5 GB. */
const longestCopy = 5 * 1024 ** 3;

/** Longest range that one UploadPartCopy takes: 5 GiB. https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html */
const longestPart = 5 * 1024 ** 3;

/** CopyObject: the whole of one version becomes a new version of another key. UploadPartCopy: a range of one becomes a part. */
export const copyingOperations: readonly Operation[] = [
  {
    method: "PUT",
    scope: "object",
    selectedBy: ["x-amz-copy-source"],
    query: [],
    headers: ["x-amz-copy-source-if-match", "x-amz-metadata-directive", ...storageHeaders],
    run: copyObject,
  },
  {
    method: "PUT",
    scope: "object",
    selectedBy: ["uploadId", "partNumber", "x-amz-copy-source"],
    query: [],
    headers: ["x-amz-copy-source-if-match", "x-amz-copy-source-range"],
    run: copyPart,
  },
];

async function copyPart(exchange: Exchange): Promise<Answer> {
  const { bucket, query, headers, now } = exchange;
  needWrite(exchange, false);
  const number = partNumberAsked(query);
  const upload = uploadAsked(exchange);
  const { version: source, open } = sourceAsked(exchange);
  const incoming = bucket.store.incomingPath();
  try {
    const { start, end } = rangeAsked(headers.get("x-amz-copy-source-range"), source.size);
    const md5 = runningDigest("md5");
    const checksum = runningDigest(upload.algorithm);
    const bytes = createReadStream("", { fd: open(), start, end });
    const size = await writeFile(bytes, incoming, [md5, checksum]);
    const checksums = { [upload.algorithm]: checksum.digest().toString("base64") };
    const part = bucket.uploads.keepPart(upload, number, incoming, {
      size,
      md5: md5.digest(),
      checksums,
      declared: false,
    });
    const content =
      xmlElement("LastModified", new Date(now).toISOString()) +
      xmlElement("ETag", part.etag) +
      xmlElement(`Checksum${upload.algorithm.toUpperCase()}`, part.checksum);
    return {
      status: 200,
      headers: {
        "content-type": "application/xml",
        "x-amz-server-side-encryption": "AES256",
        "x-amz-copy-source-version-id": source.id === "null" ? undefined : source.id,
      },
      body: `${xmlDeclaration}<CopyPartResult ${s3Namespace}>${content}</CopyPartResult>`,
    };
  } catch (error) {
    await rm(incoming, { force: true });
    throw error;
  }
}

/** The bytes of the source that become a part: all where no range is given. */
function rangeAsked(range: string | undefined, size: number): { readonly start: number; readonly end: number } {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range ?? `bytes=0-${size - 1}`) ?? [];
  const [start, end] = [Number(first), Number(last)];
  if (!(start <= end && end < size))
    throw new S3Error(400, "InvalidArgument", `Range specified is not valid for source object of size: ${size}`);
  if (end - start + 1 > longestPart)
    throw new S3Error(
      400,
      "InvalidRequest",
      "The specified copy source is larger than the maximum allowable size for a copy source.",
    );
  return { start, end };
}

async function copyObject(exchange: Exchange): Promise<Answer> {
  const { bucket, key, headers, now } = exchange;
  needWrite(exchange, true);
  // A policy that demands If-None-Match admits no copies: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
  const condition = conditionAsked(exchange);
  const { version: source, open } = sourceAsked(exchange);
  const incoming = bucket.store.incomingPath();
  try {
    if (source.size > longestCopy) {
      throw new S3Error(400, "InvalidRequest", "The copy source is larger than the maximum allowable size, 5 GB.");
    }
    const directive = headers.get("x-amz-metadata-directive") ?? "COPY";
    if (directive !== "COPY" && directive !== "REPLACE") {
      throw new S3Error(400, "InvalidArgument", "Unknown metadata directive.");
    }
    const keeping = keepingAsked(exchange);
    const md5 = runningDigest("md5");
    const algorithm = checksumAlgorithm(Object.keys(source.checksums)[0] ?? "crc64nvme");
    const checksum = runningDigest(algorithm);
    const size = await writeFile(createReadStream("", { fd: open() }), incoming, [md5, checksum]);
    const draft = {
      key,
      at: new Date(now).toISOString(),
      size,
      etag: `"${md5.digest().toString("hex")}"`,
      checksums: { [algorithm]: checksum.digest().toString("base64") },
      checksumType: "FULL_OBJECT",
      ...keeping,
      headers: directive === "COPY" ? source.headers : keeping.headers,
    } as const;
    return answerTo(source, bucket.store.commit(incoming, draft, condition));
  } catch (error) {
    await rm(incoming, { force: true });
    throw error;
  }
}

function answerTo(source: StoredVersion, copy: StoredVersion): Answer {
  const checksums = Object.entries(copy.checksums).map(([name, value]) =>
    xmlElement(`Checksum${name.toUpperCase()}`, value),
  );
  const content = xmlElement("LastModified", copy.at) + xmlElement("ETag", copy.etag) + checksums.join("");
  return {
    status: 200,
    headers: {
      "content-type": "application/xml",
      "x-amz-server-side-encryption": "AES256",
      "x-amz-copy-source-version-id": source.id === "null" ? undefined : source.id,
      "x-amz-version-id": copy.id === "null" ? undefined : copy.id,
    },
    body: `${xmlDeclaration}<CopyObjectResult ${s3Namespace}>${content}</CopyObjectResult>`,
  };
}

/** The version that is copied, and its bytes as they are now: to be opened in the same step, so that nobody takes them away meanwhile. */
function sourceAsked(exchange: Exchange): { readonly version: StoredVersion; readonly open: () => number } {
  const [path = "", search = ""] = (exchange.headers.get("x-amz-copy-source") ?? "").split("?", 2);
  const [, name, key] = /^\/?([^/]+)\/(.+)$/.exec(decodeURIComponent(path)) ?? [];
  if (name === undefined || key === undefined) {
    throw new S3Error(400, "InvalidArgument", "Invalid copy source object key");
  }
  const versionId = new URLSearchParams(search).get("versionId") ?? undefined;
  const bucket = exchange.openBucket(name);
  exchange.need(versionId === undefined ? "s3:GetObject" : "s3:GetObjectVersion", objectArn(bucket, key), {
    "s3:VersionId": versionId,
  });
  const query = new Map(versionId === undefined ? [] : [["versionId", versionId]]);
  const version = versionAsked({ ...exchange, bucket, key, query });
  const ifMatch = exchange.headers.get("x-amz-copy-source-if-match");
  if (ifMatch !== undefined && `"${ifMatch.replace(/^"|"$/g, "")}"` !== version.etag) {
    const what = "At least one of the pre-conditions you specified did not hold: x-amz-copy-source-If-Match.";
    throw new S3Error(412, "PreconditionFailed", what);
  }
  return { version, open: () => openSync(bucket.store.blobPath(version), "r") };
}
