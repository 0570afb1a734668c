import { GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { type Sha256, sha256Hex } from "../../core/encoding/sha256.ts";
import { Failure } from "../../core/failure.ts";
import { decided, existsAlready, isMissing } from "./missing.ts";
import { type Keeping, renewedRetention } from "./renewed-retention.ts";

/** Documents that facts rest on, in the ledger bucket under their own digest. */
export function blobStore(client: S3Client, bucket: string, keeping: Keeping) {
  const renew = renewedRetention(client, bucket, keeping);
  return {
    ...blobReader(client, bucket),

    /** Keeps a document and answers its digest. Keeping the same one again changes nothing but for how long it stays. */
    async put(bytes: Uint8Array, mediaType: string): Promise<Sha256> {
      const sha256 = sha256Hex(bytes);
      const key = blobKey(sha256);
      try {
        await decided(() =>
          client.send(
            new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes, ContentType: mediaType, IfNoneMatch: "*" }),
          ),
        );
      } catch (error) {
        if (!existsAlready(error)) throw error;
        // Somebody kept it before; what is there is held against the digest.
        const { versionId, writtenAt } = await read(client, bucket, sha256);
        await renew({ key, versionId, writtenAt });
      }
      return sha256;
    },
  };
}

/** The same documents, to be read. */
export function blobReader(client: S3Client, bucket: string) {
  return {
    /** A document by its digest. Throws `ledger-invalid` where it is gone or its bytes are others. */
    get: async (sha256: Sha256): Promise<Uint8Array> => (await read(client, bucket, sha256)).bytes,
  };
}

async function read(client: S3Client, bucket: string, sha256: Sha256) {
  const gone = `The document ${sha256} is not in the ledger bucket.`;
  const answer = await client
    .send(new GetObjectCommand({ Bucket: bucket, Key: blobKey(sha256) }))
    .catch((error: unknown) => {
      if (!isMissing(error)) throw error;
      throw new Failure("ledger-invalid", gone, { cause: error });
    });
  const bytes = await answer.Body?.transformToByteArray();
  if (bytes === undefined) throw new Failure("ledger-invalid", gone);
  if (sha256Hex(bytes) !== sha256)
    throw new Failure("ledger-invalid", `The bytes of document ${sha256} in the ledger bucket are others.`);
  return { bytes, versionId: answer.VersionId, writtenAt: answer.LastModified };
}

/** Where a document lies in the ledger bucket. */
export function blobKey(sha256: Sha256): string {
  return `blobs/sha256/${sha256}`;
}
