import type { Readable } from "node:stream";
import { GetObjectCommand, HeadObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { Sha256 } from "../../core/encoding/sha256.ts";
import { Failure } from "../../core/failure.ts";
import type { FrozenCopy } from "../../core/promotion/promotion.ts";
import { collect, measuring } from "./byte-stream.ts";
import { isMissing } from "./missing.ts";

/** What the bytes of an object came to. */
export interface Measured {
  readonly sha256: Sha256;
  readonly size: number;
  readonly versionId: string;
}

/** Frozen copies under Object Lock, to be read. */
export function frozenArtifacts(client: S3Client, bucket: string) {
  return {
    /** Hashes the bytes that a reader of `key` gets now; they must be the declared ones for the copy to be used. */
    async measure(key: string): Promise<Measured> {
      const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key })).catch((error: unknown) => {
        if (!isMissing(error)) throw error;
        throw new Failure("artifact-unreachable", "A frozen artifact is gone.", { cause: error });
      });
      const meter = measuring();
      const body = answer.Body as Readable;
      body.on("error", (error) => meter.stream.destroy(error));
      for await (const _ of body.pipe(meter.stream)) {
        // Only the meter looks at the bytes: a model need not fit into memory.
      }
      return { ...meter.result(), versionId: answer.VersionId ?? "null" };
    },

    /** The version of `key` that a reader gets now. */
    async currentVersion(key: string): Promise<string | undefined> {
      try {
        const { VersionId: versionId } = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
        return versionId ?? "null";
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },

    /** A small frozen artifact, such as the environment's description, as bytes. */
    async read(copy: FrozenCopy, largest: number): Promise<Uint8Array> {
      const answer = await client.send(
        new GetObjectCommand({ Bucket: bucket, Key: copy.key, VersionId: copy.versionId }),
      );
      return collect(answer.Body as Readable, copy.name, largest);
    },
  };
}
