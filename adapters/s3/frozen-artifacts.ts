import type { Readable } from "node:stream";
import {
  GetObjectCommand,
  HeadObjectCommand,
  type HeadObjectCommandInput,
  type HeadObjectCommandOutput,
  type S3Client,
} from "@aws-sdk/client-s3";
import type { Sha256 } from "../../core/encoding/sha256.ts";
import { Failure } from "../../core/failure.ts";
import { largestPut } from "../../core/promotion/artifact-sizes.ts";
import type { FrozenCopy } from "../../core/promotion/promotion.ts";
import { collect, measured } from "./byte-stream.ts";
import { isMissing } from "./missing.ts";
import { measuredInRanges } from "./ranges.ts";

/** What the bytes of an object came to. */
export interface Measured {
  readonly sha256: Sha256;
  readonly size: number;
  readonly versionId: string;
}

/** Up to what size an artifact is written and read in one piece, and the parts of larger ones, of which S3 copies several at once. */
export interface ArtifactSizes {
  readonly largestInOne: number;
  readonly partBytes: number;
}

export const artifactSizes: ArtifactSizes = { largestInOne: largestPut, partBytes: 1024 ** 3 };

/** Frozen copies under Object Lock, to be read. */
export function frozenArtifacts(client: S3Client, bucket: string, sizes: ArtifactSizes = artifactSizes) {
  return {
    /** Hashes the bytes that a reader of `key` gets now; they must be the declared ones for the copy to be used. */
    async measure(key: string): Promise<Measured> {
      const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key })).catch((error: unknown) => {
        if (!isMissing(error)) throw error;
        throw new Failure("artifact-unreachable", "A frozen artifact is gone.", { cause: error });
      });
      const { ContentLength: size = 0, ETag: etag, VersionId: versionId = "null" } = answer;
      const body = answer.Body as Readable;
      const what = "A frozen artifact";
      if (size <= sizes.largestInOne || etag === undefined) return { ...(await measured(body, what)), versionId };
      body.destroy();
      const object = { bucket, key, size, pinned: { IfMatch: etag } };
      return { ...(await measuredInRanges(client, object, sizes.partBytes, what)), versionId };
    },

    /**
     * What S3 says by itself that the bytes of `key` came to, which it computed when it took them in one piece. `undefined` where
     * there is no such object, and where it does not say. https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
     */
    async recorded(key: string): Promise<Measured | undefined> {
      const answer = await head({ Key: key, ChecksumMode: "ENABLED" });
      const { ChecksumSHA256: checksum, ChecksumType: type, ContentLength: size, VersionId: versionId } = answer ?? {};
      if (checksum === undefined || type !== "FULL_OBJECT" || size === undefined) return undefined;
      const sha256 = Buffer.from(checksum, "base64").toString("hex") as Sha256;
      return { sha256, size, versionId: versionId ?? "null" };
    },

    /** The version of `key` that a reader gets now. */
    async currentVersion(key: string): Promise<string | undefined> {
      const answer = await head({ Key: key });
      return answer === undefined ? undefined : (answer.VersionId ?? "null");
    },

    /** A small frozen artifact, such as the environment's description, as bytes. */
    async read(copy: FrozenCopy, largest: number): Promise<Uint8Array> {
      const answer = await client.send(
        new GetObjectCommand({ Bucket: bucket, Key: copy.key, VersionId: copy.versionId }),
      );
      return collect(answer.Body as Readable, copy.name, largest);
    },
  };

  async function head(asked: Omit<HeadObjectCommandInput, "Bucket">): Promise<HeadObjectCommandOutput | undefined> {
    try {
      return await client.send(new HeadObjectCommand({ Bucket: bucket, ...asked }));
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }
}
