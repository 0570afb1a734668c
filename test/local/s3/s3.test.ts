import { once } from "node:events";
import { request } from "node:http";
import { Readable } from "node:stream";
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { describe, expect, it, onTestFinished } from "vitest";

import { type LocalBucket, type LocalS3, startS3 } from "../../../local/s3/s3.ts";
import { credentials, RecordedCalls, scratchDirectory } from "../recorded-calls.ts";

const start = Date.parse("2026-11-22T12:00:00.000Z");

function client(url: string): S3Client {
  const s3 = new S3Client({ endpoint: url, forcePathStyle: true, region: "us-east-1", credentials, maxAttempts: 1 });
  onTestFinished(() => s3.destroy());
  return s3;
}

async function open(
  bucket: Partial<LocalBucket> = {},
  directory = scratchDirectory(),
  clock: () => number = () => start,
) {
  const log = new RecordedCalls();
  const local: LocalS3 = await startS3({ directory, log, clock });
  let running = true;
  const close = async () => {
    if (running) await local.close();
    running = false;
  };
  onTestFinished(close);
  local.createBucket({ name: "artifacts", versioning: true, ...bucket });
  const s3 = client(local.url);
  const put = (key: string, body: string, more: Partial<PutObjectCommandInput> = {}) =>
    s3.send(new PutObjectCommand({ Bucket: "artifacts", Key: key, Body: body, ...more }));
  const get = async (key: string, more: { VersionId?: string; Range?: string; IfMatch?: string } = {}) =>
    (await s3.send(new GetObjectCommand({ Bucket: "artifacts", Key: key, ...more }))).Body?.transformToString();
  return { local, s3, log, directory, put, get, close };
}

describe("what is put", () => {
  it("is got back with its type, metadata, ETag and checksum", async () => {
    const { s3, put } = await open();
    await put("model.bin", "weights", {
      ContentType: "application/x-model",
      Metadata: { run: "7" },
      ContentEncoding: "gzip",
    });
    const got = await s3.send(new GetObjectCommand({ Bucket: "artifacts", Key: "model.bin", ChecksumMode: "ENABLED" }));
    expect(await got.Body?.transformToString()).toBe("weights");
    expect(got).toMatchObject({
      ContentType: "application/x-model",
      ContentEncoding: "gzip",
      ContentLength: 7,
      ETag: '"63f4f1e9b725370f459720575cd5f953"',
      Metadata: { run: "7" },
      ServerSideEncryption: "AES256",
    });
    expect(got.ChecksumCRC32).toBeDefined();
  });

  it.each(["CRC32", "SHA256", "SHA1", "CRC64NVME"] as const)(
    "is verified by %s, in a header and in a trailer",
    async (algorithm) => {
      const { s3, put } = await open();
      await put("header", "bytes", { ChecksumAlgorithm: algorithm });
      const body = Readable.from([Buffer.from("by"), Buffer.from("tes")]);
      await s3.send(
        new PutObjectCommand({
          Bucket: "artifacts",
          Key: "trailer",
          Body: body,
          ContentLength: 5,
          ChecksumAlgorithm: algorithm,
        }),
      );
      const heads = await Promise.all(
        ["header", "trailer"].map((key) =>
          s3.send(new HeadObjectCommand({ Bucket: "artifacts", Key: key, ChecksumMode: "ENABLED" })),
        ),
      );
      const checksums = heads.map((head) => head[`Checksum${algorithm}`]);
      expect(checksums[0]).toMatch(/=$/);
      expect(checksums[1]).toBe(checksums[0]);
    },
  );

  it("is refused when it does not match its SHA-256, and nothing is left behind", async () => {
    const { put, get } = await open();
    const wrong = Buffer.alloc(32).toString("base64");
    await expect(put("a", "bytes", { ChecksumSHA256: wrong })).rejects.toMatchObject({ name: "BadDigest" });
    await expect(get("a")).rejects.toMatchObject({ name: "NoSuchKey" });
  });

  it("is refused with a tag, a KMS key or a storage class, which would mean something else", async () => {
    const { s3, put } = await open();
    const refused = { name: "NotImplemented", $metadata: expect.objectContaining({ httpStatusCode: 501 }) };
    await expect(put("a", "b", { Tagging: "x=1" })).rejects.toMatchObject(refused);
    await expect(put("a", "b", { ServerSideEncryption: "aws:kms" })).rejects.toMatchObject(refused);
    await expect(put("a", "b", { StorageClass: "GLACIER" })).rejects.toMatchObject(refused);
    await expect(s3.send(new GetObjectTaggingCommand({ Bucket: "artifacts", Key: "a" }))).rejects.toMatchObject(
      refused,
    );
  });

  it("keeps its name whatever stands in it", async () => {
    const { put, get } = await open();
    const key = "a/../b//c d+e&f<g>\"h'/ü😀%2F";
    await put(key, "strange");
    expect(await get(key)).toBe("strange");
  });

  it("is not there when the connection broke off in the middle", async () => {
    const { local, get, put } = await open();
    const authorization = "AWS4-HMAC-SHA256 Credential=LOCALTESTER/20261122/us-east-1/s3/aws4_request";
    const headers = { authorization, "content-length": "100" };
    const upload = request(`${local.url}/artifacts/half`, { method: "PUT", headers });
    const broken = once(upload, "error");
    upload.write("half", () => upload.destroy(new Error("cable cut")));
    await broken;
    await expect(get("half")).rejects.toMatchObject({ name: "NoSuchKey" });
    await put("half", "whole", { IfNoneMatch: "*" });
    expect(await get("half")).toBe("whole");
  });

  it("survives a restart", async () => {
    const first = await open();
    const { VersionId } = await first.put("kept", "old");
    await first.put("kept", "new");
    await first.s3.send(new DeleteObjectCommand({ Bucket: "artifacts", Key: "kept" }));
    await first.close();
    const second = await open({}, first.directory);
    await expect(second.get("kept")).rejects.toMatchObject({ name: "NoSuchKey" });
    expect(await second.get("kept", { VersionId: VersionId ?? "" })).toBe("old");
  });

  it("takes the place of what was there in a bucket without versions", async () => {
    const { put, get, s3 } = await open({ versioning: false });
    expect((await put("a", "1")).VersionId).toBeUndefined();
    await put("a", "2");
    expect(await get("a")).toBe("2");
    await s3.send(new DeleteObjectCommand({ Bucket: "artifacts", Key: "a" }));
    await expect(get("a")).rejects.toMatchObject({ name: "NoSuchKey" });
  });
});

describe("If-None-Match", () => {
  it("lets exactly one of many writers win", async () => {
    const { put, get } = await open();
    const writers = Array.from({ length: 20 }, (_, index) => put("entry", `writer ${index}`, { IfNoneMatch: "*" }));
    const outcomes = await Promise.allSettled(writers);
    const winners = outcomes.flatMap((outcome, index) => (outcome.status === "fulfilled" ? [index] : []));
    expect(winners).toHaveLength(1);
    expect(await get("entry")).toBe(`writer ${winners[0]}`);
    const losers = outcomes.filter((outcome) => outcome.status === "rejected");
    for (const loser of losers) expect(loser.reason).toMatchObject({ name: "PreconditionFailed" });
  });

  it("succeeds over a delete marker, as it does on AWS", async () => {
    const { put, get, s3 } = await open();
    await put("entry", "first");
    await s3.send(new DeleteObjectCommand({ Bucket: "artifacts", Key: "entry" }));
    await put("entry", "second", { IfNoneMatch: "*" });
    expect(await get("entry")).toBe("second");
  });

  it("can be demanded by the bucket's policy for some keys", async () => {
    const { put, s3 } = await open({ requireIfNoneMatch: (key) => key.startsWith("tile/") });
    await put("checkpoint", "1");
    await put("checkpoint", "2");
    await expect(put("tile/0", "x")).rejects.toMatchObject({ name: "AccessDenied" });
    await put("tile/0", "x", { IfNoneMatch: "*" });
    const copy = new CopyObjectCommand({ Bucket: "artifacts", Key: "tile/1", CopySource: "artifacts/checkpoint" });
    await expect(s3.send(copy)).rejects.toMatchObject({ name: "AccessDenied" });
  });

  it("has a counterpart in If-Match, which replaces just the version it names", async () => {
    const { put } = await open();
    const { ETag = "" } = await put("checkpoint", "1");
    await put("checkpoint", "2", { IfMatch: ETag });
    await expect(put("checkpoint", "3", { IfMatch: ETag })).rejects.toMatchObject({ name: "PreconditionFailed" });
    await expect(put("nothing", "3", { IfMatch: ETag })).rejects.toMatchObject({ name: "NoSuchKey" });
  });
});

describe("reading", () => {
  it("gives a range, and refuses one beyond the end", async () => {
    const { put, get } = await open();
    await put("digits", "0123456789");
    expect(await get("digits", { Range: "bytes=2-4" })).toBe("234");
    expect(await get("digits", { Range: "bytes=-3" })).toBe("789");
    await expect(get("digits", { Range: "bytes=10-" })).rejects.toMatchObject({ name: "InvalidRange" });
  });

  it("refuses a version that has changed under If-Match", async () => {
    const { put, get } = await open();
    const { ETag = "" } = await put("a", "1");
    await put("a", "2");
    await expect(get("a", { IfMatch: ETag })).rejects.toMatchObject({ name: "PreconditionFailed" });
  });

  it("copies one version with its metadata", async () => {
    const { put, s3, get } = await open();
    const { VersionId } = await put("from", "old", { ContentType: "text/x-old" });
    await put("from", "new");
    const copy = { Bucket: "artifacts", Key: "to", CopySource: `artifacts/from?versionId=${VersionId}` };
    const { CopyObjectResult } = await s3.send(new CopyObjectCommand(copy));
    expect(CopyObjectResult?.ETag).toMatch(/^"[0-9a-f]{32}"$/);
    expect(await get("to")).toBe("old");
    const head = await s3.send(new HeadObjectCommand({ Bucket: "artifacts", Key: "to" }));
    expect(head.ContentType).toBe("text/x-old");
  });

  it("is for pages of another origin only where the bucket lets them", async () => {
    const headers = { origin: "https://portal.example" };
    for (const readByPages of [true, false]) {
      const { s3, put } = await open({ readByPages }, undefined, Date.now);
      await put("pack.zip", "a pack");
      const address = await getSignedUrl(s3, new GetObjectCommand({ Bucket: "artifacts", Key: "pack.zip" }));
      const answer = await fetch(address, { headers });
      expect(await answer.text()).toBe("a pack");
      expect(answer.headers.get("access-control-allow-origin")).toBe(readByPages ? "*" : null);
    }
  });

  it("works through a presigned address until it expires", async () => {
    let now = Date.now();
    const { put, s3, local } = await open({}, undefined, () => now);
    await put("report.html", "<p>");
    const command = new GetObjectCommand({
      Bucket: "artifacts",
      Key: "report.html",
      ResponseContentType: "text/plain",
    });
    const address = await getSignedUrl(s3, command, { expiresIn: 60 });
    const fresh = await fetch(address);
    expect([fresh.status, fresh.headers.get("content-type"), await fresh.text()]).toEqual([200, "text/plain", "<p>"]);
    now += 61_000;
    const late = await fetch(address);
    expect(late.status).toBe(403);
    expect(await late.text()).toContain("Request has expired");
    expect((await fetch(`${local.url}/artifacts/report.html`)).status).toBe(403);
  });
});

describe("the log", () => {
  it("names what IAM would judge", async () => {
    const { put, get, s3, log } = await open({ objectLock: { mode: "GOVERNANCE", days: 1 } });
    const { VersionId = "" } = await put("a", "1", { IfNoneMatch: "*" });
    expect(log.calls[0]).toMatchObject({
      principal: "LOCALTESTER",
      context: { "s3:if-none-match": "*", "s3:ObjectCreationOperation": "true" },
    });
    await get("a", { VersionId });
    await expect(get("missing")).rejects.toThrow();
    const until = new Date(start + 5 * 86_400_000);
    await put("b", "1", { ObjectLockMode: "GOVERNANCE", ObjectLockRetainUntilDate: until });
    await s3.send(new CopyObjectCommand({ Bucket: "artifacts", Key: "c", CopySource: "artifacts/a" }));
    expect(log.take()).toEqual([
      "s3:PutObject arn:aws:s3:::artifacts/a 200",
      "s3:GetObjectVersion arn:aws:s3:::artifacts/a 200",
      "s3:GetObject arn:aws:s3:::artifacts/missing 404",
      "s3:ListBucket arn:aws:s3:::artifacts 404",
      "s3:PutObject arn:aws:s3:::artifacts/b 200",
      "s3:PutObjectRetention arn:aws:s3:::artifacts/b 200",
      "s3:PutObject arn:aws:s3:::artifacts/c 200",
      "s3:GetObject arn:aws:s3:::artifacts/a 200",
    ]);
  });
});
