import { GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";

/** Exported audit packs on their way out, and addresses under which their requester may fetch them for a while. */
export function exportStore(client: S3Client, bucket: string) {
  return {
    async put(name: string, bytes: Uint8Array): Promise<void> {
      await client.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: `exports/${name}`,
          Body: bytes,
          ContentType: "application/zip",
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
