import {
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type S3Client,
} from "@aws-sdk/client-s3";

/** An object that is put together of parts. */
export interface InParts {
  readonly bucket: string;
  readonly key: string;
  readonly mediaType: string;
  readonly size: number;
  readonly partBytes: number;
  /** Throws `PreconditionFailed` where there is an object already. */
  readonly once: boolean;
}

/** One of the parts: the bytes from `start` to `end`, which is behind the last of them. */
export interface Part {
  readonly upload: {
    readonly Bucket: string;
    readonly Key: string;
    readonly UploadId: string | undefined;
    readonly PartNumber: number;
  };
  readonly start: number;
  readonly end: number;
  /** Aborted once another part has failed. */
  readonly abortSignal: AbortSignal;
}

/** What S3 says of a part that it has taken: both are given back at the end. */
export type Taken = Pick<CompletedPart, "ETag" | "ChecksumSHA256">;

const partsAtOnce = 4;

/**
 * Writes an object part by part, several at once, each with its SHA-256. There is nothing under the key until `beside` has come to its
 * end too, and nothing where it or a part throws: what was taken until then goes by the bucket's life cycle.
 *
 * @returns the object's version, or `undefined` where the bucket keeps none
 */
export async function writeInParts(
  client: S3Client,
  { bucket, key, mediaType, size, partBytes, once }: InParts,
  write: (part: Part) => Promise<Taken>,
  beside: (abortSignal: AbortSignal) => Promise<void> = async () => {},
): Promise<string | undefined> {
  const object = { Bucket: bucket, Key: key };
  const headers = { ...object, ContentType: mediaType, ChecksumAlgorithm: "SHA256" } as const;
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(headers));
  const stopped = new AbortController();
  const taken: CompletedPart[] = [];
  const left = Array.from({ length: Math.ceil(size / partBytes) }, (_, at) => at * partBytes).entries();

  async function oneAfterTheOther(): Promise<void> {
    for (const [at, start] of left) {
      const upload = { ...object, UploadId, PartNumber: at + 1 };
      const end = Math.min(start + partBytes, size);
      const { ETag, ChecksumSHA256 } = await write({ upload, start, end, abortSignal: stopped.signal });
      taken[at] = { PartNumber: at + 1, ETag, ChecksumSHA256 };
    }
  }

  try {
    await Promise.all([beside(stopped.signal), ...Array.from({ length: partsAtOnce }, oneAfterTheOther)]);
  } catch (error) {
    stopped.abort();
    throw error;
  }
  const { VersionId: versionId } = await client.send(
    new CompleteMultipartUploadCommand({
      ...object,
      UploadId,
      MultipartUpload: { Parts: taken },
      ...(once ? { IfNoneMatch: "*" } : {}),
    }),
  );
  return versionId;
}
