import { createHash } from "node:crypto";
import { Failure } from "../../core/failure.ts";

/**
 * Writes an object into a bucket of the local S3 as `principal`. `headers` are those of PutObject, e.g.
 * `content-type`. Throws `unavailable` with S3's answer where it refuses.
 */
export async function putObject(
  s3Url: string,
  object: {
    readonly bucket: string;
    readonly key: string;
    readonly body: Uint8Array<ArrayBuffer> | string;
    readonly headers?: Readonly<Record<string, string>>;
  },
  principal: string,
): Promise<void> {
  const path = object.key.split("/").map(encodeURIComponent).join("/");
  const response = await fetch(`${s3Url}/${object.bucket}/${path}`, {
    method: "PUT",
    headers: {
      ...object.headers,
      // A bucket with Object Lock takes nothing without a checksum.
      "x-amz-checksum-sha256": createHash("sha256").update(object.body).digest("base64"),
      "x-amz-content-sha256": "UNSIGNED-PAYLOAD",
      authorization: signature(principal),
    },
    body: object.body,
  });
  const answer = await response.text();
  if (!response.ok) {
    throw new Failure("unavailable", `S3 refused ${object.key} in ${object.bucket} with ${response.status}: ${answer}`);
  }
}

/**
 * Bytes of `s3://bucket/key`, read as `principal`; of one version where one is named. Throws `not-found` with S3's
 * answer where it gives none.
 */
export async function readObject(
  s3Url: string,
  s3Uri: string,
  principal: string,
  versionId?: string,
): Promise<Uint8Array> {
  const [, bucket = "", key = ""] = /^s3:\/\/([^/]+)\/(.+)$/.exec(s3Uri) ?? [];
  const version = versionId === undefined ? "" : `?versionId=${encodeURIComponent(versionId)}`;
  const response = await fetch(`${s3Url}/${bucket}/${key.split("/").map(encodeURIComponent).join("/")}${version}`, {
    headers: { authorization: signature(principal) },
  });
  if (!response.ok) {
    throw new Failure("not-found", `S3 gave no ${s3Uri}, but ${response.status}: ${await response.text()}`);
  }
  return new Uint8Array(await response.arrayBuffer());
}

/** The stand-in reads the access key id and checks no signature. */
function signature(principal: string): string {
  return `AWS4-HMAC-SHA256 Credential=${principal}/local/s3/aws4_request, SignedHeaders=host, Signature=none`;
}
