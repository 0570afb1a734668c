import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import { GetObjectCommand, HeadObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { Sha256 } from "../../core/encoding/sha256.ts";
import { Failure } from "../../core/failure.ts";
import type { FrozenCopy } from "../../core/promotion/promotion.ts";
import { collect, unbroken } from "./byte-stream.ts";
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
      // A model need not fit into memory.
      const hash = createHash("sha256");
      let size = 0;
      for await (const chunk of unbroken(answer.Body as Readable, "A frozen artifact")) {
        hash.update(chunk);
        size += chunk.length;
      }
      return { sha256: hash.digest("hex") as Sha256, size, versionId: answer.VersionId ?? "null" };
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
