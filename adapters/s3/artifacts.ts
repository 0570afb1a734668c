import { pipeline, type Readable } from "node:stream";
import { GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { base64 } from "../../core/encoding/base64.ts";
import type { Sha256 } from "../../core/encoding/sha256.ts";
import { Failure } from "../../core/failure.ts";
import type { FrozenFile } from "../../core/promotion/freeze-manifest.ts";
import type { FrozenCopy, Source } from "../../core/promotion/promotion.ts";
import { brokeOff, collect, measuring } from "./byte-stream.ts";
import { copyInParts } from "./copied-in-parts.ts";
import { type ArtifactSizes, artifactSizes, frozenArtifacts, type Measured } from "./frozen-artifacts.ts";
import { existsAlready, isMissing, isUndecided } from "./missing.ts";
import { measuredInRanges } from "./ranges.ts";
import { type Keeping, renewedRetention } from "./renewed-retention.ts";

/** Candidates on their way in, and their frozen copies under Object Lock. */
export function artifactStore(
  client: S3Client,
  buckets: { readonly exchange: string; readonly artifacts: string },
  keeping: Keeping,
  sizes: ArtifactSizes = artifactSizes,
) {
  const frozen = frozenArtifacts(client, buckets.artifacts, sizes);
  const renew = renewedRetention(client, buckets.artifacts, keeping);
  const sources = artifactSources(client, buckets.exchange);
  return {
    readSource: sources.readSource,
    keep,

    /**
     * Copies one artifact to `frozen/<sha256>/<name>` while hashing it. Throws `digest-mismatch` where the bytes are
     * not the declared ones, and `artifact-unreachable` where there are none.
     */
    async freeze(file: FrozenFile, source: Source): Promise<FrozenCopy> {
      const opened = await sources.open(file.name, source);
      if (opened.size !== file.size) {
        // A PUT whose body is shorter than it says waits for the rest for ever.
        opened.body.destroy();
        throw mismatch(file);
      }
      const { largestInOne, partBytes } = sizes;
      try {
        // An earlier run of the step, or another promotion, may have frozen the same, which S3 itself has hashed.
        const there = await frozen.recorded(frozenKey(file));
        if (there !== undefined) {
          opened.body.destroy();
          return await keep(copyOf(file, there));
        }
        return file.size <= largestInOne ? await inOne(file, opened) : await inParts(file, opened, partBytes);
      } catch (error) {
        opened.body.destroy();
        if (existsAlready(error)) return keep(copyOf(file, await frozen.measure(frozenKey(file))));
        // The bytes are gone by now: whoever asked for it begins again, by when one of the two has won.
        if (isUndecided(error))
          throw new Failure("unavailable", `The artifact '${file.name}' is being frozen twice.`, { cause: error });
        throw error;
      }
    },
  };

  async function inOne(file: FrozenFile, { body }: Opened): Promise<FrozenCopy> {
    const key = frozenKey(file);
    const meter = measuring();
    // The SDK waits for the rest of a body that breaks off: nobody else ends the PUT then.
    const broken = new AbortController();
    pipeline(body, meter.stream, (error) => {
      if (error) broken.abort(error);
    });
    try {
      const { VersionId: versionId } = await client.send(
        new PutObjectCommand({
          Bucket: buckets.artifacts,
          Key: key,
          Body: meter.stream,
          ContentLength: file.size,
          ContentType: file.mediaType,
          // S3 itself refuses bytes that do not hash to this.
          ChecksumSHA256: base64(Buffer.from(file.sha256, "hex")),
          IfNoneMatch: "*",
        }),
        { abortSignal: broken.signal },
      );
      requireSame(file, meter.result());
      return { name: file.name, key, versionId: versionId ?? "null" };
    } catch (error) {
      if (broken.signal.aborted) throw brokeOff(`The artifact '${file.name}'`, broken.signal.reason);
      if (isWrongBytes(error)) throw mismatch(file, error);
      throw error;
    }
  }

  async function inParts(file: FrozenFile, { body, object }: Opened, partBytes: number): Promise<FrozenCopy> {
    // It is read in ranges.
    body.destroy();
    const key = frozenKey(file);
    // What is there already is not copied once more in vain.
    if ((await frozen.currentVersion(key)) !== undefined) return keep(copyOf(file, await frozen.measure(key)));
    const { bucket, versionId } = object;
    if (versionId === undefined)
      throw new Failure("artifact-unreachable", `'${file.name}' lies in a bucket that keeps no versions.`);
    const source = { bucket, key: object.key, size: file.size, pinned: { VersionId: versionId } };
    const to = { bucket: buckets.artifacts, key, mediaType: file.mediaType, size: file.size, partBytes };
    const copied = await copyInParts(client, { bucket, key: object.key, versionId }, to, async (abortSignal) => {
      const what = `The artifact '${file.name}'`;
      requireSame(file, await measuredInRanges(client, source, partBytes, what, abortSignal));
    });
    return { name: file.name, key, versionId: copied ?? "null" };
  }

  /** A copy that was frozen before, which stays as long from now on as one that is frozen now. */
  async function keep(copy: FrozenCopy): Promise<FrozenCopy> {
    await renew(copy);
    return copy;
  }
}

/** What is read, and the version of the object that it is. */
interface Opened {
  readonly body: Readable;
  readonly size: number | undefined;
  readonly object: { readonly bucket: string; readonly key: string; readonly versionId: string | undefined };
}

/** Candidates on their way in, to be read. */
export function artifactSources(client: S3Client, exchange: string) {
  return {
    open,

    /** An evidence document as bytes; throws `artifact-unreachable`, or `invalid-evidence` above `largest` bytes. */
    async readSource(name: string, source: Source, largest: number): Promise<Uint8Array> {
      const { body } = await open(name, source);
      return collect(body, name, largest);
    },
  };

  async function open(name: string, source: Source): Promise<Opened> {
    const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(source.uri) ?? [];
    if (bucket !== exchange || key === undefined || !key.startsWith("incoming/")) {
      throw new Failure(
        "artifact-unreachable",
        `'${name}' does not lie under incoming/ of the exchange bucket, the only place that is read.`,
      );
    }
    try {
      const versionId = source.versionId === undefined ? {} : { VersionId: source.versionId };
      const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key, ...versionId }));
      const object = { bucket, key, versionId: answer.VersionId };
      return { body: answer.Body as Readable, size: answer.ContentLength, object };
    } catch (error) {
      if (isMissing(error) || isNoObject(error))
        throw new Failure("artifact-unreachable", `'${name}' is not where the request says it is.`, { cause: error });
      if (isSealed(error)) {
        const sentence = `'${name}' was uploaded under an encryption key of its own, which Countersign may not use: leave it to the bucket, which encrypts by itself.`;
        throw new Failure("artifact-unreachable", sentence, { cause: error });
      }
      throw error;
    }
  }
}

/**
 * What S3 answers where the request names no version that there ever was, one that says that the object was deleted, a
 * name that is too long for it, or an object that would have to be restored from an archive first.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
function isNoObject(error: unknown): boolean {
  const names = ["InvalidArgument", "InvalidURI", "MethodNotAllowed", "KeyTooLongError", "InvalidObjectState"];
  return error instanceof Error && names.includes(error.name);
}

/**
 * What S3 answers where the object was encrypted with a key of KMS that this function may not use, or that is gone, or with a key
 * that whoever reads it has to bring along. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html,
 * https://repost.aws/knowledge-center/s3-troubleshoot-403
 */
function isSealed(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { name, message } = error;
  return name === "InvalidRequest" || name.startsWith("KMS.") || (name === "AccessDenied" && /\bkms:/i.test(message));
}

/** Where the frozen copy of an artifact lies: the key says what its bytes must be. */
function frozenKey(file: FrozenFile): string {
  return `frozen/${file.sha256}/${file.name}`;
}

function copyOf(file: FrozenFile, measured: Measured): FrozenCopy {
  requireSame(file, measured);
  return { name: file.name, key: frozenKey(file), versionId: measured.versionId };
}

function requireSame(file: FrozenFile, found: { readonly sha256: Sha256; readonly size: number }): void {
  if (found.sha256 !== file.sha256 || found.size !== file.size) throw mismatch(file);
}

function mismatch(file: FrozenFile, cause?: unknown): Failure {
  return new Failure(
    "digest-mismatch",
    `The bytes of '${file.name}' are not the declared ones: they do not hash to ${file.sha256}.`,
    { cause },
  );
}

// What S3 answers to bytes that do not fit the declared checksum or length.
function isWrongBytes(error: unknown): boolean {
  const names = [
    "BadDigest",
    "XAmzContentChecksumMismatch",
    "InvalidRequest",
    "IncompleteBody",
    "ERR_HTTP_CONTENT_LENGTH_MISMATCH",
  ];
  return (
    error instanceof Error && (names.includes(error.name) || ("code" in error && names.includes(String(error.code))))
  );
}
