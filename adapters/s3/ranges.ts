import { createHash, type Hash } from "node:crypto";
import type { Readable } from "node:stream";
import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { Sha256 } from "../../core/encoding/sha256.ts";
import { Failure } from "../../core/failure.ts";
import { brokeOff, unbroken } from "./byte-stream.ts";

/** An object of which each range has to be of the same version: by its name, or by what it was seen to be. */
export interface PinnedObject {
  readonly bucket: string;
  readonly key: string;
  readonly size: number;
  readonly pinned: { readonly VersionId: string } | { readonly IfMatch: string };
}

/** A connection that is lost is lost by chance: at a gibibyte each, hardly ever the third time. */
const mostAttempts = 3;

/**
 * What the bytes of a large object come to, read in ranges: no connection has to last for all of it, and a range that breaks off is
 * read again, unless nobody needs it any more (`abortSignal`). Throws `unavailable` where it breaks off again and again, or was written over meanwhile.
 */
export async function measuredInRanges(
  client: S3Client,
  object: PinnedObject,
  rangeBytes: number,
  what: string,
  abortSignal?: AbortSignal,
): Promise<{ readonly sha256: Sha256; readonly size: number }> {
  let hash = createHash("sha256");
  for (let start = 0; start < object.size; start += rangeBytes)
    hash = await withRange(hash, start, Math.min(start + rangeBytes, object.size));
  return { sha256: hash.digest("hex") as Sha256, size: object.size };

  async function withRange(before: Hash, start: number, end: number): Promise<Hash> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await read(before.copy(), start, end);
      } catch (error) {
        if (!(error instanceof Failure) || attempt === mostAttempts) throw error;
      }
    }
  }

  async function read(running: Hash, start: number, end: number): Promise<Hash> {
    const { bucket: Bucket, key: Key, pinned } = object;
    const range = { Bucket, Key, ...pinned, Range: `bytes=${start}-${end - 1}` };
    const options = abortSignal === undefined ? {} : { abortSignal };
    const answer = await client.send(new GetObjectCommand(range), options).catch((error: unknown) => {
      if (!(error instanceof Error) || error.name !== "PreconditionFailed") throw error;
      throw brokeOff(what, error);
    });
    let size = 0;
    for await (const chunk of unbroken(answer.Body as Readable, what)) {
      running.update(chunk);
      size += chunk.length;
    }
    if (size !== end - start) throw brokeOff(what, new Error(`${size} bytes came of ${end - start}.`));
    return running;
  }
}
