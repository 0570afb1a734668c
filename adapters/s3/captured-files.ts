import { GetObjectCommand, ListObjectsV2Command, type S3Client } from "@aws-sdk/client-s3";

/** The files below `s3://bucket/prefix` one after the other, in the order of their names: of `between` two of them where it is said. */
export function capturedFiles(client: S3Client) {
  return async function* (
    s3Prefix: string,
    between?: readonly [from: string, until: string],
  ): AsyncGenerator<Uint8Array> {
    const [, bucket = "", prefix = ""] = /^s3:\/\/([^/]+)\/(.+)$/.exec(s3Prefix) ?? [];
    const [from, until] = between ?? [];
    let next: string | undefined;
    do {
      const page = await client.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: prefix,
          ContinuationToken: next,
          ...(from === undefined ? {} : { StartAfter: `${prefix}${from}` }),
        }),
      );
      for (const { Key: key } of page.Contents ?? []) {
        if (until !== undefined && key !== undefined && key > `${prefix}${until}`) return;
        const { Body: body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        if (body !== undefined) yield await body.transformToByteArray();
      }
      next = page.NextContinuationToken;
    } while (next !== undefined);
  };
}
