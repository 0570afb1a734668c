import { createHash } from "node:crypto";
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import { describe, expect, it, onTestFinished } from "vitest";

import { startS3 } from "../../../local/s3/s3.ts";
import { credentials, RecordedCalls, scratchDirectory } from "../recorded-calls.ts";

const object = { Bucket: "packs", Key: "pack.zip" };
const five = 5 * 1024 ** 2;

async function upload(ChecksumAlgorithm: "SHA256" | "CRC32" | "CRC64NVME" = "CRC32") {
  const log = new RecordedCalls();
  const local = await startS3({ directory: scratchDirectory(), log });
  local.createBucket({ name: "packs", versioning: true });
  const s3 = new S3Client({
    endpoint: local.url,
    forcePathStyle: true,
    region: "us-east-1",
    credentials,
    maxAttempts: 1,
  });
  onTestFinished(() => local.close());
  onTestFinished(() => s3.destroy());
  const created = await s3.send(
    new CreateMultipartUploadCommand({ ...object, ChecksumAlgorithm, ContentType: "application/zip" }),
  );
  const UploadId = created.UploadId ?? "";
  const part = async (PartNumber: number, bytes: Uint8Array): Promise<CompletedPart> => {
    const { $metadata: _, ...sent } = await s3.send(
      new UploadPartCommand({ ...object, UploadId, PartNumber, Body: bytes, ChecksumAlgorithm }),
    );
    return { PartNumber, ETag: sent.ETag ?? "" };
  };
  const complete = (Parts: CompletedPart[], more: object = {}) =>
    s3.send(new CompleteMultipartUploadCommand({ ...object, UploadId, MultipartUpload: { Parts }, ...more }));
  return { s3, log, UploadId, part, complete };
}

describe("a multipart upload", () => {
  it.each(["SHA256", "CRC32", "CRC64NVME"] as const)(
    "becomes one object of its parts in order (%s)",
    async (algorithm) => {
      const { s3, part, complete } = await upload(algorithm);
      const second = await part(2, Buffer.from("the end"));
      const first = await part(1, Buffer.alloc(five, "a"));
      const { ETag, ChecksumType } = await complete([first, second]);
      expect(ETag).toMatch(/^"[0-9a-f]{32}-2"$/);
      expect(ChecksumType).toBe(algorithm === "CRC64NVME" ? "FULL_OBJECT" : "COMPOSITE");
      const got = await s3.send(new GetObjectCommand(object));
      expect(got).toMatchObject({ ContentLength: five + 7, ContentType: "application/zip" });
      expect((await got.Body?.transformToString())?.slice(-8)).toBe("athe end");
    },
  );

  it("is refused with parts in disorder, of another ETag, or too small", async () => {
    const { part, complete } = await upload();
    const first = await part(1, Buffer.alloc(five, "a"));
    const second = await part(2, Buffer.from("small"));
    const third = await part(3, Buffer.from("end"));
    await expect(complete([second, first])).rejects.toMatchObject({ name: "InvalidPartOrder" });
    await expect(complete([{ ...first, ETag: '"0"' }])).rejects.toMatchObject({ name: "InvalidPart" });
    await expect(complete([first, second, third])).rejects.toMatchObject({ name: "EntityTooSmall" });
  });

  it("loses against an object that is already there, if it says If-None-Match", async () => {
    const { s3, part, complete } = await upload();
    const only = await part(1, Buffer.from("late"));
    await s3.send(new PutObjectCommand({ ...object, Body: "early" }));
    await expect(complete([only], { IfNoneMatch: "*" })).rejects.toMatchObject({ name: "PreconditionFailed" });
  });

  it("is gone once aborted", async () => {
    const { s3, log, UploadId, part, complete } = await upload();
    const only = await part(1, Buffer.from("x"));
    await s3.send(new AbortMultipartUploadCommand({ ...object, UploadId }));
    await expect(complete([only])).rejects.toMatchObject({ name: "NoSuchUpload" });
    expect(log.take()).toEqual([
      "s3:PutObject arn:aws:s3:::packs/pack.zip 200",
      "s3:PutObject arn:aws:s3:::packs/pack.zip 200",
      "s3:AbortMultipartUpload arn:aws:s3:::packs/pack.zip 204",
      "s3:PutObject arn:aws:s3:::packs/pack.zip 404",
    ]);
  });
});

describe("a part that is copied", () => {
  const source = { Bucket: "packs", Key: "whole pack.bin" };
  const bytes = Buffer.concat([Buffer.alloc(five, "a"), Buffer.alloc(five, "b"), Buffer.from("the end")]);

  async function copying() {
    const { s3, log, UploadId, complete } = await upload("SHA256");
    const { VersionId } = await s3.send(new PutObjectCommand({ ...source, Body: bytes }));
    const copy = async (PartNumber: number, CopySourceRange: string | undefined, version = VersionId) => {
      const CopySource = `packs/whole%20pack.bin?versionId=${version}`;
      const { CopyPartResult } = await s3.send(
        new UploadPartCopyCommand({ ...object, UploadId, PartNumber, CopySource, CopySourceRange }),
      );
      return { PartNumber, ETag: CopyPartResult?.ETag, ChecksumSHA256: CopyPartResult?.ChecksumSHA256 };
    };
    return { s3, log, copy, complete };
  }

  it("is the range that is asked for, of the version that is asked for", async () => {
    const { s3, log, copy, complete } = await copying();
    await s3.send(new PutObjectCommand({ ...source, Body: "another version" }));
    const parts = [await copy(1, `bytes=0-${five - 1}`), await copy(2, `bytes=${five}-${bytes.length - 1}`)];
    expect(parts[0]?.ChecksumSHA256).toBe(createHash("sha256").update(bytes.subarray(0, five)).digest("base64"));
    const { ChecksumType, ChecksumSHA256 } = await complete(parts);
    expect([ChecksumType, ChecksumSHA256?.slice(-2)]).toEqual(["COMPOSITE", "-2"]);
    const got = await s3.send(new GetObjectCommand(object));
    expect(Buffer.compare((await got.Body?.transformToByteArray()) ?? bytes.subarray(1), bytes)).toBe(0);
    expect(log.calls.map(({ action }) => action)).toContain("s3:GetObjectVersion");
  });

  it("is all of it where no range is given", async () => {
    const { s3, copy, complete } = await copying();
    await complete([await copy(1, undefined)]);
    expect((await s3.send(new GetObjectCommand(object))).ContentLength).toBe(bytes.length);
  });

  it.each([
    ["beyond the end", `bytes=0-${bytes.length}`, "InvalidArgument"],
    ["the wrong way round", "bytes=9-3", "InvalidArgument"],
    ["in other units", "lines=0-3", "InvalidArgument"],
  ])("is refused for a range %s", async (_, range, name) => {
    const { copy } = await copying();
    await expect(copy(1, range)).rejects.toMatchObject({ name });
  });

  it("is refused of a version that there is not", async () => {
    const { copy } = await copying();
    await expect(copy(1, undefined, "none")).rejects.toMatchObject({ name: "NoSuchVersion" });
  });
});
