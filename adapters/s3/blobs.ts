import { GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { type Sha256, sha256Hex } from "../../core/encoding/sha256.ts";
import { Failure } from "../../core/failure.ts";
import { decided, existsAlready, isMissing } from "./missing.ts";

/** Documents that facts rest on, in the ledger bucket under their own digest. */
export function blobStore(client: S3Client, bucket: string) {
  return {
    /** Keeps a document and answers its digest. Keeping the same one again changes nothing. */
    async put(bytes: Uint8Array, mediaType: string): Promise<Sha256> {
      const sha256 = sha256Hex(bytes);
      try {
        await decided(() =>
          client.send(
            new PutObjectCommand({
              Bucket: bucket,
              Key: blobKey(sha256),
              Body: bytes,
              ContentType: mediaType,
              IfNoneMatch: "*",
            }),
          ),
        );
      } catch (error) {
        if (!existsAlready(error)) throw error;
        // Somebody kept it before; `get` holds what is there against the digest.
        await this.get(sha256);
      }
      return sha256;
    },

    /** A document by its digest. Throws `ledger-invalid` where it is gone or its bytes are others. */
    async get(sha256: Sha256): Promise<Uint8Array> {
      let bytes: Uint8Array | undefined;
      try {
        const { Body: body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: blobKey(sha256) }));
        bytes = await body?.transformToByteArray();
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
      if (bytes === undefined)
        throw new Failure("ledger-invalid", `The document ${sha256} is not in the ledger bucket.`);
      if (sha256Hex(bytes) !== sha256)
        throw new Failure("ledger-invalid", `The bytes of document ${sha256} in the ledger bucket are others.`);
      return bytes;
    },
  };
}

/** Where a document lies in the ledger bucket. */
export function blobKey(sha256: Sha256): string {
  return `blobs/sha256/${sha256}`;
}
