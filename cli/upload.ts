import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
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
  const client = new S3Client({});
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
      throw new Failure("unavailable", `'${file.name}' could not be uploaded to ${bucket}: ${reasonOf(cause)}.`, {
        cause,
      });
    }
  };
}

function reasonOf(error: unknown): string {
  if (error instanceof S3ServiceException) return `S3 says ${oneLine(error.name, 100)}`;
  return error instanceof Error ? oneLine(error.message, 200) : "the request failed";
}
