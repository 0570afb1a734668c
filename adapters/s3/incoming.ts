import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { type Sha256, sha256Hex } from "../../core/encoding/sha256.ts";
import type { Source } from "../../core/promotion/promotion.ts";

/** Files that the service itself leaves where a pipeline leaves its own, to be frozen from there. */
export function incomingFiles(client: S3Client, bucket: string) {
  return {
    /**
     * Leaves a file and answers where, and in which version: the same bytes are always at the same place, and whoever may write below
     * `incoming/` may write there too.
     */
    async leave(folder: string, bytes: Uint8Array, mediaType: string): Promise<Source> {
      const sha256: Sha256 = sha256Hex(bytes);
      const key = `incoming/${folder}/${sha256}`;
      const put = new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes, ContentType: mediaType });
      const { VersionId: versionId } = await client.send(put);
      return { uri: `s3://${bucket}/${key}`, ...(versionId === undefined ? {} : { versionId }) };
    },
  };
}
