import { open } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { pipeline, type Readable } from "node:stream";
import { readBody } from "../loopback-server.ts";
import { AwsChunkedDecoder } from "./aws-chunked.ts";
import {
  type ChecksumAlgorithm,
  type Checksums,
  checksumAlgorithm,
  declaredChecksums,
  type RunningDigest,
  runningDigest,
} from "./checksum.ts";
import { notImplemented, S3Error } from "./error.ts";

/** What a body turned out to be, once it lies on disk. */
export interface ReceivedBody {
  readonly size: number;
  readonly md5: Buffer;
  /** The checksum the client declared and we computed; CRC-64/NVME where it declared none, as S3 adds. */
  readonly checksums: Checksums;
  /** Whether the client itself declared a checksum or a Content-MD5. */
  readonly declared: boolean;
}

/** Longest single PUT that S3 takes: 5 GiB. */
const longestBody = 5 * 1024 ** 3;
/** Ten thousand parts in a CompleteMultipartUpload fit. */
const longestDocument = 4 * 1024 ** 2;

/**
 * Streams the body of `request` into the new file `path` (memory stays flat) and holds it against everything the client said of it:
 * Content-Length, `x-amz-content-sha256`, Content-MD5, checksum headers and trailers.
 * Throws `BadDigest`, `XAmzContentSHA256Mismatch`, `IncompleteBody`, … ; the caller removes the file then.
 */
export async function receiveBody(request: IncomingMessage, path: string): Promise<ReceivedBody> {
  const headers = singleHeaders(request);
  const length = declaredLength(headers);
  const payloadHash = headers.get("x-amz-content-sha256") ?? "UNSIGNED-PAYLOAD";
  const chunked = payloadHash.startsWith("STREAMING-");
  if (!chunked && payloadHash !== "UNSIGNED-PAYLOAD" && !/^[0-9a-f]{64}$/.test(payloadHash)) {
    throw new S3Error(
      400,
      "InvalidArgument",
      "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-… or a SHA-256.",
    );
  }
  const inHeaders = declaredChecksums(headers);
  const trailerName = headers.get("x-amz-trailer");
  const algorithm = algorithmOf(inHeaders, trailerName);

  const md5 = runningDigest("md5");
  const checksum = runningDigest(algorithm ?? "crc64nvme");
  const sha256 = chunked || payloadHash === "UNSIGNED-PAYLOAD" ? undefined : runningDigest("sha256");

  const decoder = chunked ? new AwsChunkedDecoder() : undefined;
  const source: Readable = decoder ?? request;
  // An error of either end reaches the loop in `writeFile` through `source`, which pipeline destroys.
  if (decoder !== undefined) pipeline(request, decoder, () => undefined);
  const size = await writeFile(source, path, sha256 === undefined ? [md5, checksum] : [md5, checksum, sha256]);

  if (size !== length) throw new S3Error(400, "IncompleteBody", "The body is not as long as its length header says.");
  if (sha256 !== undefined && sha256.digest().toString("hex") !== payloadHash) {
    throw new S3Error(400, "XAmzContentSHA256Mismatch", "The body's SHA-256 is not x-amz-content-sha256.");
  }
  const md5Bytes = md5.digest();
  const contentMd5 = headers.get("content-md5");
  if (contentMd5 !== undefined && contentMd5 !== md5Bytes.toString("base64")) {
    throw new S3Error(400, "BadDigest", "The Content-MD5 you specified did not match what we received.");
  }
  const inTrailers = trailerName === undefined ? {} : declaredChecksums(decoder?.trailers ?? []);
  const expected = algorithm === undefined ? undefined : (inHeaders[algorithm] ?? inTrailers[algorithm]);
  const value = checksum.digest().toString("base64");
  if (algorithm !== undefined && expected === undefined) {
    throw new S3Error(400, "MalformedTrailerError", `The trailing header ${trailerName} is missing.`);
  }
  if (algorithm !== undefined && expected !== value) {
    throw new S3Error(
      400,
      "BadDigest",
      `The ${algorithm.toUpperCase()} you specified did not match the calculated checksum.`,
    );
  }
  const declared = algorithm !== undefined || contentMd5 !== undefined;
  return { size, md5: md5Bytes, checksums: { [algorithm ?? "crc64nvme"]: value }, declared };
}

/**
 * A small XML document in the body of `request`, held against its Content-MD5 and, unless the checksum headers speak
 * of something else (`checksums` false: CompleteMultipartUpload means the object), against its checksum.
 */
export async function receiveDocument(request: IncomingMessage, checksums = true): Promise<string> {
  const headers = singleHeaders(request);
  if (headers.get("x-amz-content-sha256")?.startsWith("STREAMING-"))
    throw notImplemented("An aws-chunked XML document");
  const document = await readBody(request, longestDocument);
  if (document === undefined) throw new S3Error(400, "MaxMessageLengthExceeded", "Your request was too big.");
  const declared: [ChecksumAlgorithm | "md5", string][] = [];
  const md5 = headers.get("content-md5");
  if (md5 !== undefined) declared.push(["md5", md5]);
  if (checksums) {
    for (const [name, value] of Object.entries(declaredChecksums(headers)))
      declared.push([checksumAlgorithm(name), value]);
  }
  for (const [algorithm, value] of declared) {
    const digest = runningDigest(algorithm);
    digest.update(document);
    if (digest.digest().toString("base64") !== value) {
      throw new S3Error(400, "BadDigest", `The ${algorithm} you specified did not match what we received.`);
    }
  }
  return document.toString("utf8");
}

/** Header names and values of `request`; a header given twice is joined by Node as HTTP says. */
export function singleHeaders(request: IncomingMessage): Map<string, string> {
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(",") : value);
  }
  return headers;
}

function declaredLength(headers: ReadonlyMap<string, string>): number {
  const text = headers.get("x-amz-decoded-content-length") ?? headers.get("content-length");
  if (text === undefined) throw new S3Error(411, "MissingContentLength", "You must provide the Content-Length header.");
  const length = Number(text);
  if (!/^\d+$/.test(text)) throw new S3Error(400, "InvalidArgument", "The length header is not a number.");
  if (length > longestBody) throw new S3Error(400, "EntityTooLarge", "Your proposed upload exceeds 5 GiB.");
  return length;
}

function algorithmOf(inHeaders: Checksums, trailerName: string | undefined): ChecksumAlgorithm | undefined {
  const [inHeader] = Object.keys(inHeaders);
  if (trailerName === undefined) return inHeader === undefined ? undefined : checksumAlgorithm(inHeader);
  const inTrailer = /^x-amz-checksum-([a-z0-9]+)$/.exec(trailerName)?.[1];
  if (inTrailer === undefined) throw notImplemented(`The trailing header ${trailerName}`);
  if (inHeader !== undefined) throw new S3Error(400, "InvalidRequest", "A checksum is given in header and trailer.");
  return checksumAlgorithm(inTrailer);
}

/** Writes `source` into the new file `path`, feeding `digests`; returns the number of bytes. */
export async function writeFile(source: Readable, path: string, digests: readonly RunningDigest[]): Promise<number> {
  const file = await open(path, "wx");
  try {
    let size = 0;
    for await (const chunk of source as AsyncIterable<Buffer>) {
      for (const digest of digests) digest.update(chunk);
      await writeAll(file, chunk);
      size += chunk.length;
    }
    return size;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code !== "ECONNRESET" && code !== "ERR_STREAM_PREMATURE_CLOSE") throw error;
    throw new S3Error(400, "IncompleteBody", "The connection broke off before the whole body had arrived.");
  } finally {
    await file.close();
  }
}

async function writeAll(file: Awaited<ReturnType<typeof open>>, chunk: Buffer): Promise<void> {
  for (let at = 0; at < chunk.length; ) at += (await file.write(chunk, at)).bytesWritten;
}
