import { createReadStream } from "node:fs";
import { type FileHandle, open, readFile } from "node:fs/promises";
import { globalAgent as httpAgent } from "node:http";
import { globalAgent as httpsAgent } from "node:https";
import type { Readable } from "node:stream";
import { PutObjectCommand, S3Client, S3ServiceException, UploadPartCommand } from "@aws-sdk/client-s3";
import { writeInParts } from "../adapters/s3/in-parts.ts";
import { base64 } from "../core/encoding/base64.ts";
import { fromHex } from "../core/encoding/bytes.ts";
import { Failure } from "../core/failure.ts";
import { largestPut } from "../core/promotion/artifact-sizes.ts";
import type { CandidateFile } from "./candidate-files.ts";
import { fileFailure } from "./file-failure.ts";
import { connectionFailure } from "./service/connection-failure.ts";
import { oneLine } from "./terminal-text.ts";

/** Where a file lies once it is uploaded. */
export interface Uploaded {
  readonly uri: string;
  readonly versionId?: string;
}

/** Puts one file of a run into the exchange bucket. */
export type Upload = (file: CandidateFile, run: string) => Promise<Uploaded>;

/** The SDK can repeat a request only if it has the whole body. */
const largestInMemory = 64 * 1024 ** 2;
/** What is larger than one PUT goes in parts of as much; an object may have 10,000. */
const partBytes = 64 * 1024 ** 2;

/** Where a file of a run lies once it is uploaded. */
export function addressIn(bucket: string, run: string, { path }: Pick<CandidateFile, "path">): string {
  return `s3://${bucket}/incoming/${run}/${path}`;
}

/** Uploads to `s3://<bucket>/incoming/<run>/<path>` with the credentials of the surroundings (CI's role). */
export function uploadTo(bucket: string, sizes = { largestInOne: largestPut, partBytes }): Upload {
  // The agents of the process go through a proxy where the job's environment says so; those that the SDK makes do not:
  // https://nodejs.org/api/http.html#built-in-proxy-support
  const client = new S3Client({ requestHandler: { httpAgent, httpsAgent } });
  return async (file, run) => {
    const key = `incoming/${run}/${file.path}`;
    const broken = new AbortController();
    try {
      const put = file.size <= sizes.largestInOne ? inOne(file, key, broken) : inParts(file, key);
      const versionId = await put;
      const uri = addressIn(bucket, run, file);
      return versionId === undefined || versionId === "null" ? { uri } : { uri, versionId };
    } catch (error) {
      const cause = broken.signal.aborted ? broken.signal.reason : error;
      const ofFile = fileFailure(cause);
      if (ofFile !== undefined) throw ofFile;
      const sentence = `'${file.name}' could not be uploaded to ${bucket}: ${reasonOf(cause)}.`;
      throw new Failure(mayPass(cause) ? "unavailable" : "invalid-request", sentence, { cause });
    }
  };

  async function inOne(file: CandidateFile, key: string, broken: AbortController): Promise<string | undefined> {
    const { VersionId: versionId } = await client.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: key,
        Body: file.size <= largestInMemory ? await bytesOf(file) : streamOf(file, broken),
        ContentLength: file.size,
        ContentType: file.mediaType,
        // S3 itself refuses bytes that changed since they were measured.
        ChecksumSHA256: base64(fromHex(file.sha256)),
      }),
      { abortSignal: broken.signal },
    );
    return versionId;
  }

  /** Whether the bytes changed since they were measured is seen when they are frozen, but for their number. */
  async function inParts(file: CandidateFile, key: string): Promise<string | undefined> {
    const opened = await open(file.location);
    try {
      const object = {
        bucket,
        key,
        mediaType: file.mediaType,
        size: file.size,
        partBytes: sizes.partBytes,
        once: false,
      };
      return await writeInParts(client, object, async ({ upload, start, end, abortSignal }) => {
        const Body = await bytesIn(opened, start, end);
        return await client.send(new UploadPartCommand({ ...upload, Body, ChecksumAlgorithm: "SHA256" }), {
          abortSignal,
        });
      });
    } finally {
      await opened.close();
    }
  }
}

async function bytesIn(file: FileHandle, start: number, end: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(end - start);
  for (let filled = 0; filled < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, start + filled);
    if (bytesRead === 0) throw new Changed();
    filled += bytesRead;
  }
  return bytes;
}

async function bytesOf({ location, size }: CandidateFile): Promise<Uint8Array> {
  const bytes = await readFile(location);
  if (bytes.length !== size) throw new Changed();
  return bytes;
}

/** The SDK waits for the rest of a body that breaks off or is too short, so `broken` ends the upload then. */
function streamOf({ location, size }: CandidateFile, broken: AbortController): Readable {
  const stream = createReadStream(location, { end: size - 1 });
  stream.on("error", (error) => broken.abort(error));
  stream.on("end", () => {
    if (stream.bytesRead < size) broken.abort(new Changed());
  });
  return stream;
}

class Changed extends Error {
  constructor() {
    super("it changed after it was measured");
  }
}

/** What S3 says of bytes that are not those that were measured. */
const ofOtherBytes = ["BadDigest", "XAmzContentChecksumMismatch", "XAmzContentSHA256Mismatch"];

/** Whether the same upload may succeed in a moment. A wrong bucket, missing rights or missing settings stay what they are. */
function mayPass(error: unknown): boolean {
  if (error instanceof S3ServiceException) {
    return error.$fault === "server" || error.$retryable !== undefined || error.$metadata.httpStatusCode === 429;
  }
  return !(error instanceof Error) || !(error instanceof Changed || isOfSettings(error));
}

/** What the SDK says where the job has no region or no credentials: https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html */
function isOfSettings({ name, message }: Error): boolean {
  return name === "CredentialsProviderError" || name === "TokenProviderError" || /^Region is missing/.test(message);
}

function reasonOf(error: unknown): string {
  if (error instanceof S3ServiceException && ofOtherBytes.includes(error.name)) return reasonOf(new Changed());
  if (error instanceof S3ServiceException) return `S3 says ${oneLine(error.name, 100)}`;
  if (error instanceof Error && isOfSettings(error)) {
    return "the job has no AWS region or no AWS credentials (AWS_REGION, and a role or keys that may put objects there)";
  }
  return connectionFailure(error);
}
