import { rm } from "node:fs/promises";
import { Readable } from "node:stream";

import { receiveBody, receiveDocument, writeFile } from "./body.ts";
import {
  type ChecksumAlgorithm,
  type Checksums,
  checksumAlgorithm,
  declaredChecksums,
  runningDigest,
} from "./checksum.ts";
import { S3Error, s3Namespace, xmlDeclaration, xmlElement, xmlValue } from "./error.ts";
import { type Answer, type Exchange, type Operation, objectArn, wholeNumber } from "./exchange.ts";
import type { Part, Upload } from "./uploads.ts";
import { bodyHeaders, conditionAsked, keepingAsked, needWrite, storageHeaders, writtenHeaders } from "./writing.ts";

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html and qfacts.html
const smallestPart = 5 * 1024 ** 2;
const mostParts = 10_000;

/** The operations of a multipart upload. */
export const multipartOperations: readonly Operation[] = [
  {
    method: "POST",
    scope: "object",
    selectedBy: ["uploads"],
    query: [],
    headers: ["x-amz-checksum-algorithm", "x-amz-checksum-type", ...storageHeaders],
    run: create,
  },
  {
    method: "PUT",
    scope: "object",
    selectedBy: ["uploadId", "partNumber"],
    query: [],
    headers: bodyHeaders,
    run: uploadPart,
  },
  {
    method: "POST",
    scope: "object",
    selectedBy: ["uploadId"],
    query: [],
    headers: ["if-match", "if-none-match", "x-amz-mp-object-size", ...bodyHeaders],
    run: complete,
  },
  {
    method: "DELETE",
    scope: "object",
    selectedBy: ["uploadId"],
    query: [],
    headers: [],
    run: (exchange) => {
      exchange.need("s3:AbortMultipartUpload", objectArn(exchange.bucket, exchange.key));
      exchange.bucket.uploads.remove(uploadAsked(exchange));
      return { status: 204 };
    },
  },
];

function create(exchange: Exchange): Answer {
  const { bucket, key, headers } = exchange;
  needWrite(exchange, false);
  const keeping = keepingAsked(exchange);
  const algorithm = checksumAlgorithm(headers.get("x-amz-checksum-algorithm") ?? "crc64nvme");
  const checksumType = checksumTypeOf(algorithm, headers.get("x-amz-checksum-type"));
  const upload = bucket.uploads.create({ key, algorithm, checksumType, ...keeping });
  const content =
    xmlElement("Bucket", bucket.store.settings.name) + xmlElement("Key", key) + xmlElement("UploadId", upload.id);
  return {
    status: 200,
    headers: {
      "content-type": "application/xml",
      "x-amz-checksum-algorithm": algorithm.toUpperCase(),
      "x-amz-checksum-type": checksumType,
      "x-amz-server-side-encryption": "AES256",
    },
    body: `${xmlDeclaration}<InitiateMultipartUploadResult ${s3Namespace}>${content}</InitiateMultipartUploadResult>`,
  };
}

async function uploadPart(exchange: Exchange): Promise<Answer> {
  const { bucket, query, request } = exchange;
  needWrite(exchange, false);
  const number = partNumberAsked(query);
  const upload = uploadAsked(exchange);
  const incoming = bucket.store.incomingPath();
  try {
    const part = bucket.uploads.keepPart(upload, number, incoming, await receiveBody(request, incoming));
    return { status: 200, headers: { etag: part.etag, [`x-amz-checksum-${upload.algorithm}`]: part.checksum } };
  } catch (error) {
    await rm(incoming, { force: true });
    throw error;
  }
}

async function complete(exchange: Exchange): Promise<Answer> {
  const { bucket, key, headers, now, request } = exchange;
  needWrite(exchange, true);
  const condition = conditionAsked(exchange);
  const upload = uploadAsked(exchange);
  const parts = partsNamed(await receiveDocument(request, false), upload, bucket.uploads.parts(upload));
  bucket.store.assertCondition(key, condition);
  const incoming = bucket.store.incomingPath();
  try {
    const whole = runningDigest(upload.algorithm);
    const size = await writeFile(Readable.from(bucket.uploads.bytes(upload, parts)), incoming, [whole]);
    const expectedSize = headers.get("x-amz-mp-object-size");
    if (expectedSize !== undefined && expectedSize !== String(size)) {
      throw new S3Error(
        400,
        "InvalidRequest",
        "The provided 'x-amz-mp-object-size' header does not match what was computed.",
      );
    }
    const checksums: Checksums = {
      [upload.algorithm]:
        upload.checksumType === "FULL_OBJECT" ? whole.digest().toString("base64") : composite(upload.algorithm, parts),
    };
    assertDeclared(exchange, upload, checksums);
    const md5 = runningDigest("md5");
    for (const part of parts) md5.update(Buffer.from(part.etag.replaceAll('"', ""), "hex"));
    const draft = {
      key,
      at: new Date(now).toISOString(),
      size,
      etag: `"${md5.digest().toString("hex")}-${parts.length}"`,
      headers: upload.headers,
      checksums,
      checksumType: upload.checksumType,
      ...(upload.retention === undefined ? {} : { retention: upload.retention }),
    };
    const version = bucket.store.commit(incoming, draft, condition);
    bucket.uploads.remove(upload);
    const content =
      xmlElement("Bucket", bucket.store.settings.name) +
      xmlElement("Key", key) +
      xmlElement("ETag", version.etag) +
      xmlElement(`Checksum${upload.algorithm.toUpperCase()}`, version.checksums[upload.algorithm]) +
      xmlElement("ChecksumType", version.checksumType);
    return {
      status: 200,
      headers: { ...writtenHeaders(version), etag: undefined, "content-type": "application/xml" },
      body: `${xmlDeclaration}<CompleteMultipartUploadResult ${s3Namespace}>${content}</CompleteMultipartUploadResult>`,
    };
  } catch (error) {
    await rm(incoming, { force: true });
    throw error;
  }
}

/** The parts that the client lists, held against those that arrived. */
function partsNamed(document: string, upload: Upload, arrived: ReadonlyMap<number, Part>): readonly Part[] {
  const parts: Part[] = [];
  for (const [, xml = ""] of document.matchAll(/<Part>(.*?)<\/Part>/gs)) {
    const number = wholeNumber(xmlValue(xml, "PartNumber") ?? "", "PartNumber", 1, mostParts);
    const part = arrived.get(number);
    const etag = xmlValue(xml, "ETag")?.replace(/^"|"$/g, "");
    const checksum = xmlValue(xml, `Checksum${upload.algorithm.toUpperCase()}`) ?? part?.checksum;
    if (part === undefined || `"${etag}"` !== part.etag || checksum !== part.checksum) {
      throw new S3Error(
        400,
        "InvalidPart",
        "One or more of the specified parts could not be found or its ETag did not match.",
      );
    }
    if (number <= (parts.at(-1)?.number ?? 0)) {
      throw new S3Error(400, "InvalidPartOrder", "The list of parts was not in ascending order.");
    }
    parts.push(part);
  }
  if (parts.length === 0) throw new S3Error(400, "MalformedXML", "The XML you provided names no part.");
  if (parts.slice(0, -1).some((part) => part.size < smallestPart)) {
    throw new S3Error(400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size.");
  }
  return parts;
}

function assertDeclared({ headers }: Exchange, upload: Upload, checksums: Checksums): void {
  const type = headers.get("x-amz-checksum-type");
  if (type !== undefined && type !== upload.checksumType) {
    throw new S3Error(400, "InvalidRequest", "The upload was created with another checksum type.");
  }
  for (const [name, value] of Object.entries(declaredChecksums(headers))) {
    if (checksums[checksumAlgorithm(name)] !== value) {
      throw new S3Error(
        400,
        "BadDigest",
        `The ${name.toUpperCase()} you specified did not match the calculated checksum.`,
      );
    }
  }
}

function checksumTypeOf(algorithm: ChecksumAlgorithm, asked: string | undefined): Upload["checksumType"] {
  const possible = {
    crc32: ["COMPOSITE", "FULL_OBJECT"],
    crc64nvme: ["FULL_OBJECT"],
    sha1: ["COMPOSITE"],
    sha256: ["COMPOSITE"],
  };
  const type = asked ?? possible[algorithm][0];
  if ((type !== "COMPOSITE" && type !== "FULL_OBJECT") || !possible[algorithm].includes(type)) {
    throw new S3Error(
      400,
      "InvalidRequest",
      `The ${asked} checksum type cannot be used with the ${algorithm} algorithm.`,
    );
  }
  return type;
}

function composite(algorithm: ChecksumAlgorithm, parts: readonly Part[]): string {
  const digest = runningDigest(algorithm);
  for (const part of parts) digest.update(Buffer.from(part.checksum, "base64"));
  return `${digest.digest().toString("base64")}-${parts.length}`;
}

/** Throws where it is none of 1 to 10,000. */
export function partNumberAsked(query: ReadonlyMap<string, string>): number {
  return wholeNumber(query.get("partNumber") ?? "", "partNumber", 1, mostParts);
}

export function uploadAsked({ bucket, key, query }: Exchange): Upload {
  return bucket.uploads.find(query.get("uploadId") ?? "", key);
}
