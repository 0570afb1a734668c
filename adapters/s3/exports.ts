import {
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { concatBytes } from "../../core/encoding/bytes.ts";

// A multipart upload has 10,000 parts at most, so parts grow: 3,000 of each size reach beyond 100 GB.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
const smallestPart = 8 * 1024 * 1024;
const partsOfASize = 3000;
// Named at the beginning and with each part, and each part's given back at the end: the three must agree.
const checksums = { ChecksumAlgorithm: "CRC32" } as const;

/** Exported audit packs on their way out, and addresses under which their requester may fetch them for a while. */
export function exportStore(client: S3Client, bucket: string) {
  return {
    /**
     * Writes an export as its bytes come, with one part of it in memory. Where they stop coming, nothing is left but
     * parts that the bucket's life cycle removes.
     */
    async put(name: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
      const object = { Bucket: bucket, Key: `exports/${name}` };
      const headers = { ...object, ContentType: "application/zip" };
      let uploadId: string | undefined;
      const parts: CompletedPart[] = [];
      for await (const { bytes, last } of inParts(chunks)) {
        if (last && uploadId === undefined) {
          await client.send(new PutObjectCommand({ ...headers, Body: bytes, IfNoneMatch: "*" }));
          return;
        }
        uploadId ??= (await client.send(new CreateMultipartUploadCommand({ ...headers, ...checksums }))).UploadId;
        const PartNumber = parts.length + 1;
        const sent = await client.send(
          new UploadPartCommand({ ...object, UploadId: uploadId, PartNumber, Body: bytes, ...checksums }),
        );
        parts.push({ PartNumber, ETag: sent.ETag, ChecksumCRC32: sent.ChecksumCRC32 });
      }
      await client.send(
        new CompleteMultipartUploadCommand({
          ...object,
          UploadId: uploadId,
          MultipartUpload: { Parts: parts },
          IfNoneMatch: "*",
        }),
      );
    },

    /** An address that opens this one export for `seconds`, without further credentials. */
    address(name: string, seconds: number): Promise<string> {
      return getSignedUrl(client, new GetObjectCommand({ Bucket: bucket, Key: `exports/${name}` }), {
        expiresIn: seconds,
      });
    },
  };
}

/** The bytes in parts that are large enough for S3; the last may be smaller, and is there even where it is empty. */
async function* inParts(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<{ readonly bytes: Uint8Array; readonly last: boolean }> {
  let held: Uint8Array[] = [];
  let length = 0;
  let parts = 0;
  for await (const chunk of chunks) {
    held.push(chunk);
    length += chunk.length;
    if (length < smallestPart * (1 + Math.floor(parts / partsOfASize))) continue;
    yield { bytes: concatBytes(held), last: false };
    parts += 1;
    held = [];
    length = 0;
  }
  if (length > 0 || parts === 0) yield { bytes: concatBytes(held), last: true };
}
