import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { globalAgent as httpAgent } from "node:http";
import { globalAgent as httpsAgent } from "node:https";
import { PutObjectCommand, S3Client, S3ServiceException } from "@aws-sdk/client-s3";
import { base64 } from "../core/encoding/base64.ts";
import { fromHex } from "../core/encoding/bytes.ts";
import { Failure } from "../core/failure.ts";
import type { CandidateFile } from "./candidate-files.ts";
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
    try {
      const { VersionId: versionId } = await client.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: key,
          Body: file.size <= largestInMemory ? await readFile(file.location) : createReadStream(file.location),
          ContentLength: file.size,
          ContentType: file.mediaType,
          // S3 itself refuses bytes that changed since they were measured.
          ChecksumSHA256: base64(fromHex(file.sha256)),
        }),
      );
      const uri = `s3://${bucket}/${key}`;
      return versionId === undefined || versionId === "null" ? { uri } : { uri, versionId };
    } catch (cause) {
      const sentence = `'${file.name}' could not be uploaded to ${bucket}: ${reasonOf(cause)}.`;
      throw new Failure(mayPass(cause) ? "unavailable" : "invalid-request", sentence, { cause });
    }
  };
}

/** Whether the same upload may succeed in a moment. A wrong bucket, missing rights or missing settings stay what they are. */
function mayPass(error: unknown): boolean {
  if (error instanceof S3ServiceException) {
    return error.$fault === "server" || error.$retryable !== undefined || error.$metadata.httpStatusCode === 429;
  }
  return !(error instanceof Error) || !isOfSettings(error);
}

/** What the SDK says where the job has no region or no credentials: https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html */
function isOfSettings({ name, message }: Error): boolean {
  return name === "CredentialsProviderError" || name === "TokenProviderError" || /^Region is missing/.test(message);
}

function reasonOf(error: unknown): string {
  if (error instanceof S3ServiceException) return `S3 says ${oneLine(error.name, 100)}`;
  if (error instanceof Error && isOfSettings(error)) {
    return "the job has no AWS region or no AWS credentials (AWS_REGION, and a role or keys that may put objects there)";
  }
  return error instanceof Error ? oneLine(error.message, 200) : "the request failed";
}
