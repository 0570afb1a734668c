import { type S3Client, UploadPartCopyCommand } from "@aws-sdk/client-s3";
import { Failure } from "../../core/failure.ts";
import { type InParts, writeInParts } from "./in-parts.ts";

/** The version of an object that is copied: nobody can write it again. */
export interface PinnedSource {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string;
}

/**
 * Has S3 copy what is larger than one PUT, while `prove` looks at the bytes of that version: nothing is written where it throws.
 *
 * @returns the copy's version
 */
export function copyInParts(
  client: S3Client,
  source: PinnedSource,
  copy: Omit<InParts, "once">,
  prove: (abortSignal: AbortSignal) => Promise<void>,
): Promise<string | undefined> {
  const path = source.key.split("/").map(encodeURIComponent).join("/");
  const CopySource = `${source.bucket}/${path}?versionId=${encodeURIComponent(source.versionId)}`;
  return writeInParts(
    client,
    { ...copy, once: true },
    async ({ upload, start, end, abortSignal }) => {
      const range = `bytes=${start}-${end - 1}`;
      const { CopyPartResult: copied } = await client.send(
        new UploadPartCopyCommand({ ...upload, CopySource, CopySourceRange: range }),
        { abortSignal },
      );
      if (copied === undefined) throw new Failure("unavailable", "S3 did not say what it has copied.");
      return copied;
    },
    prove,
  );
}
