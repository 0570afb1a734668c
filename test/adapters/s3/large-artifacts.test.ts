import { Readable } from "node:stream";
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { describe, expect, it, onTestFinished } from "vitest";
import { artifactStore } from "../../../adapters/s3/artifacts.ts";
import { frozenArtifacts } from "../../../adapters/s3/frozen-artifacts.ts";
import { measuredInRanges } from "../../../adapters/s3/ranges.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { instantFromMs } from "../../../core/encoding/instant.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import { startS3 } from "../../../local/s3/s3.ts";
import { credentials, RecordedCalls, scratchDirectory } from "../../local/recorded-calls.ts";

// S3's smallest part is 5 MiB: what is larger than that is large here.
const partBytes = 5 * 1024 ** 2;
const bytes = Buffer.concat([Buffer.alloc(partBytes, "a"), Buffer.alloc(partBytes, "b"), utf8("the end")]);
const file = {
  name: "large model.bin",
  mediaType: "application/octet-stream",
  size: bytes.length,
  sha256: sha256Hex(bytes),
};
const source = { uri: "s3://exchange/incoming/1/large model.bin" };
const key = `frozen/${file.sha256}/${file.name}`;

async function scene() {
  const log = new RecordedCalls();
  const local = await startS3({ directory: scratchDirectory(), log });
  onTestFinished(() => local.close());
  local.createBucket({ name: "exchange", versioning: true });
  local.createBucket({
    name: "artifacts",
    versioning: true,
    objectLock: { mode: "GOVERNANCE", days: 3653 },
    requireIfNoneMatch: () => true,
  });
  const s3 = new S3Client({
    endpoint: local.url,
    forcePathStyle: true,
    region: "us-east-1",
    credentials,
    maxAttempts: 1,
  });
  onTestFinished(() => s3.destroy());
  const upload = (body: Uint8Array) =>
    s3.send(new PutObjectCommand({ Bucket: "exchange", Key: "incoming/1/large model.bin", Body: body }));
  const commands: string[] = [];
  s3.middlewareStack.add(
    (next, { commandName }) =>
      (given) => {
        commands.push(String(commandName).replace(/Command$/, ""));
        return next(given);
      },
    { step: "initialize" },
  );
  const keeping = { days: 3653, now: () => instantFromMs(Date.now()) };
  const buckets = { exchange: "exchange", artifacts: "artifacts" };
  const sizes = { largestInOne: partBytes, partBytes };
  const artifacts = artifactStore(s3, buckets, keeping, sizes);
  const take = () => commands.splice(0);
  return { s3, upload, artifacts, frozen: frozenArtifacts(s3, "artifacts", sizes), take };
}

/** The version at which the source is read is written over right then. */
function writtenOverAsItIsRead(s3: S3Client, upload: (body: Uint8Array) => Promise<unknown>): void {
  let left = 1;
  s3.middlewareStack.add(
    (next, { commandName }) =>
      async (given) => {
        const answer = await next(given);
        if (commandName === "GetObjectCommand" && left-- > 0) await upload(Buffer.alloc(bytes.length, "x"));
        return answer;
      },
    { step: "initialize" },
  );
}

/** The connection is lost half way through so many readings of a range. */
function breaksOff(s3: S3Client, range: string, times: number): void {
  async function* half() {
    yield bytes.subarray(partBytes, partBytes + 1000);
    throw new Error("aborted");
  }
  let left = times;
  s3.middlewareStack.add(
    (next, { commandName }) =>
      async (given) => {
        const answer = await next(given);
        const asked = given.input as { readonly Range?: string };
        if (commandName !== "GetObjectCommand" || asked.Range !== range || left-- <= 0) return answer;
        const { output } = answer as { readonly output: { Body: Readable } };
        output.Body.destroy();
        output.Body = Readable.from(half());
        return answer;
      },
    { step: "initialize" },
  );
}

describe("an artifact that is larger than one PUT", () => {
  it("is copied by S3 while it is hashed, in parts that are copied once", async () => {
    const { s3, upload, artifacts, frozen, take } = await scene();
    await upload(bytes);
    take();
    const copy = await artifacts.freeze(file, source);
    expect(take().toSorted()).toEqual([
      "CompleteMultipartUpload",
      "CreateMultipartUpload",
      ...Array(4).fill("GetObject"),
      "HeadObject",
      "HeadObject",
      "UploadPartCopy",
      "UploadPartCopy",
      "UploadPartCopy",
    ]);
    expect(copy).toMatchObject({ name: file.name, key });
    expect(await frozen.measure(key)).toEqual({ sha256: file.sha256, size: file.size, versionId: copy.versionId });
    const { ContentType } = await s3.send(new GetObjectCommand({ Bucket: "artifacts", Key: key, Range: "bytes=0-1" }));
    expect(ContentType).toBe(file.mediaType);
  });

  it("is the version that was hashed, whoever writes over it meanwhile", async () => {
    const { s3, upload, artifacts, frozen } = await scene();
    await upload(bytes);
    writtenOverAsItIsRead(s3, upload);
    await artifacts.freeze(file, source);
    expect((await frozen.measure(key)).sha256).toBe(file.sha256);
  });

  it("is hashed again where it was frozen before: S3 does not say what the whole of it comes to", async () => {
    const { upload, artifacts, frozen, take } = await scene();
    await upload(bytes);
    const first = await artifacts.freeze(file, source);
    expect(await frozen.recorded(key)).toBeUndefined();
    take();
    expect(await artifacts.freeze(file, source)).toEqual(first);
    expect(take()).toEqual([
      ...["GetObject", "HeadObject", "HeadObject", "GetObject"],
      ...["GetObject", "GetObject", "GetObject", "GetObjectRetention"],
    ]);
  });

  it.each([
    [2, "is read again from there", undefined],
    [3, "is unavailable once that broke off again and again", "unavailable"],
  ])("whose reading breaks off %i times in a range %s", async (times, _, code) => {
    const { s3, upload, artifacts, frozen } = await scene();
    await upload(bytes);
    const { key: frozenKey } = await artifacts.freeze(file, source);
    breaksOff(s3, `bytes=${partBytes}-${2 * partBytes - 1}`, times);
    const measured = frozen.measure(frozenKey);
    if (code === undefined) expect(await measured).toMatchObject({ sha256: file.sha256, size: file.size });
    else await expect(measured).rejects.toMatchObject({ code });
  });

  it("that is written over while it is read is unavailable: no bytes of two versions are taken for one", async () => {
    const { s3, upload, artifacts, frozen } = await scene();
    await upload(bytes);
    const copy = await artifacts.freeze(file, source);
    let left = 1;
    s3.middlewareStack.add(
      (next, { commandName }) =>
        async (given) => {
          const answer = await next(given);
          const { Range: range } = given.input as { readonly Range?: string };
          if (commandName === "GetObjectCommand" && range !== undefined && left-- > 0) {
            const remove = new DeleteObjectCommand({ Bucket: "artifacts", Key: copy.key });
            await s3.send(remove);
            const Body = Buffer.alloc(bytes.length, "x");
            await s3.send(
              new PutObjectCommand({ ...remove.input, Body, ChecksumAlgorithm: "CRC32", IfNoneMatch: "*" }),
            );
          }
          return answer;
        },
      { step: "initialize" },
    );
    await expect(frozen.measure(copy.key)).rejects.toMatchObject({ code: "unavailable" });
    expect((await frozen.measure(copy.key)).sha256).not.toBe(file.sha256);
  });

  it("of other bytes than the declared ones is refused, and nothing is under its key", async () => {
    const { upload, artifacts, frozen } = await scene();
    await upload(Buffer.concat([bytes.subarray(0, -1), utf8("D")]));
    await expect(artifacts.freeze(file, source)).rejects.toMatchObject({
      code: "digest-mismatch",
      message: `The bytes of 'large model.bin' are not the declared ones: they do not hash to ${file.sha256}.`,
    });
    expect(await frozen.currentVersion(key)).toBeUndefined();
  });

  it("and whose key is taken by other bytes is refused", async () => {
    const { s3, upload, artifacts } = await scene();
    await upload(bytes);
    const object = { Bucket: "artifacts", Key: key };
    const Body = Buffer.alloc(bytes.length, "x");
    await s3.send(new PutObjectCommand({ ...object, Body, ChecksumAlgorithm: "CRC32", IfNoneMatch: "*" }));
    await expect(artifacts.freeze(file, source)).rejects.toMatchObject({ code: "digest-mismatch" });
  });

  it("that another run completes first is that one's", async () => {
    const { s3, upload, artifacts, frozen } = await scene();
    await upload(bytes);
    const object = { Bucket: "artifacts", Key: key };
    let left = 1;
    s3.middlewareStack.add(
      (next, { commandName }) =>
        async (given) => {
          if (commandName === "CompleteMultipartUploadCommand" && left-- > 0)
            await s3.send(
              new PutObjectCommand({ ...object, Body: bytes, ChecksumAlgorithm: "CRC32", IfNoneMatch: "*" }),
            );
          return next(given);
        },
      { step: "initialize" },
    );
    const copy = await artifacts.freeze(file, source);
    expect(copy.versionId).toBe(await frozen.currentVersion(key));
  });

  it("that S3 stops copying is frozen when the step is tried again", async () => {
    const { s3, upload, artifacts, frozen } = await scene();
    await upload(bytes);
    let left = 1;
    s3.middlewareStack.add(
      (next, { commandName }) =>
        (given) => {
          if (commandName === "UploadPartCopyCommand" && left-- > 0)
            throw Object.assign(new Error("Please reduce your request rate."), { name: "SlowDown" });
          return next(given);
        },
      { step: "initialize" },
    );
    await expect(artifacts.freeze(file, source)).rejects.toMatchObject({ name: "SlowDown" });
    expect(await frozen.currentVersion(key)).toBeUndefined();
    expect((await artifacts.freeze(file, source)).key).toBe(key);
  });
});

describe("the ranges of an object", () => {
  it("are read no further once nobody needs them any more", async () => {
    const { s3, upload, take } = await scene();
    const { VersionId = "" } = await upload(bytes);
    const object = { bucket: "exchange", key: "incoming/1/large model.bin", size: bytes.length, pinned: { VersionId } };
    const stopped = new AbortController();
    s3.middlewareStack.add(
      (next) => async (given) => {
        const answer = await next(given);
        stopped.abort();
        return answer;
      },
      { step: "initialize" },
    );
    take();
    const measured = measuredInRanges(s3, object, partBytes, "It", stopped.signal);
    await expect(measured).rejects.toMatchObject({ name: "AbortError" });
    expect(take().length).toBeLessThan(bytes.length / partBytes);
  });
});

describe("an artifact that was frozen by an earlier run", () => {
  const small = { ...file, name: "small.bin", size: 3, sha256: sha256Hex(utf8("abc")) };
  const smallKey = `frozen/${small.sha256}/small.bin`;

  it("is not read again: S3 itself has hashed it", async () => {
    const { upload, artifacts, frozen, take } = await scene();
    await upload(utf8("abc"));
    const first = await artifacts.freeze(small, source);
    expect(await frozen.recorded(smallKey)).toEqual({ sha256: small.sha256, size: 3, versionId: first.versionId });
    take();
    expect(await artifacts.freeze(small, source)).toEqual(first);
    expect(take()).toEqual(["GetObject", "HeadObject", "GetObjectRetention"]);
  });

  it("and whose key is taken by other bytes is refused", async () => {
    const { s3, upload, artifacts } = await scene();
    await upload(utf8("abc"));
    const object = { Bucket: "artifacts", Key: smallKey };
    await s3.send(new PutObjectCommand({ ...object, Body: "xyz", ChecksumAlgorithm: "SHA256", IfNoneMatch: "*" }));
    await expect(artifacts.freeze(small, source)).rejects.toMatchObject({ code: "digest-mismatch" });
  });

  it("is vouched for by nobody where it was hashed in another way", async () => {
    const { s3, frozen } = await scene();
    const object = { Bucket: "artifacts", Key: smallKey };
    await s3.send(new PutObjectCommand({ ...object, Body: "abc", ChecksumAlgorithm: "CRC32", IfNoneMatch: "*" }));
    expect(await frozen.recorded(smallKey)).toBeUndefined();
    expect(await frozen.recorded("frozen/none")).toBeUndefined();
  });
});
