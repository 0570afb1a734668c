import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { globalAgent as httpAgent } from "node:http";
import { globalAgent as httpsAgent } from "node:https";
import type { Readable } from "node:stream";
import { PutObjectCommand, S3Client, S3ServiceException } from "@aws-sdk/client-s3";
import { base64 } from "../core/encoding/base64.ts";
import { fromHex } from "../core/encoding/bytes.ts";
import { Failure } from "../core/failure.ts";
import type { CandidateFile } from "./candidate-files.ts";
import { fileFailure } from "./file-failure.ts";
import { oneLine } from "./terminal-text.ts";

/** Where a file lies once it is uploaded. */
export interface Uploaded {
  readonly uri: string;
  readonly versionId?: string;
}

/** Puts one file of a run into the exchange bucket. */
export type Upload = (file: CandidateFile, run: string) => Promise<Uploaded>;

/** S3 takes no more in one PUT, and freezing copies with one PUT too. */
const largestPut = 5 * 1024 ** 3;
/** The SDK can repeat a request only if it has the whole body. */
const largestInMemory = 64 * 1024 ** 2;

/** Uploads to `s3://<bucket>/incoming/<run>/<path>` with the credentials of the surroundings (CI's role). */
export function uploadTo(bucket: string): Upload {
  // The agents of the process go through a proxy where the job's environment says so; those that the SDK makes do not:
  // https://nodejs.org/api/http.html#built-in-proxy-support
  const client = new S3Client({ requestHandler: { httpAgent, httpsAgent } });
  return async (file, run) => {
    if (file.size > largestPut) {
      throw new Failure(
        "invalid-request",
        `The file '${file.name}' is larger than 5 GiB, which one S3 PUT cannot carry.`,
      );
    }
    const key = `incoming/${run}/${file.path}`;
    const broken = new AbortController();
    try {
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
      const uri = `s3://${bucket}/${key}`;
      return versionId === undefined || versionId === "null" ? { uri } : { uri, versionId };
    } catch (error) {
      const cause = broken.signal.aborted ? broken.signal.reason : error;
      const ofFile = fileFailure(cause);
      if (ofFile !== undefined) throw ofFile;
      const sentence = `'${file.name}' could not be uploaded to ${bucket}: ${reasonOf(cause)}.`;
      throw new Failure(mayPass(cause) ? "unavailable" : "invalid-request", sentence, { cause });
    }
  };
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
  return error instanceof Error ? oneLine(error.message, 200) : "the request failed";
}
