import {
  DeleteObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { describe, expect, it, onTestFinished } from "vitest";

import { startS3 } from "../../../local/s3/s3.ts";
import { credentials, RecordedCalls, scratchDirectory } from "../recorded-calls.ts";

async function bucketWith(...keys: string[]) {
  const log = new RecordedCalls();
  const local = await startS3({ directory: scratchDirectory(), log });
  local.createBucket({ name: "shelf", versioning: true });
  const s3 = new S3Client({
    endpoint: local.url,
    forcePathStyle: true,
    region: "us-east-1",
    credentials,
    maxAttempts: 1,
  });
  onTestFinished(() => local.close());
  onTestFinished(() => s3.destroy());
  for (const key of keys) await s3.send(new PutObjectCommand({ Bucket: "shelf", Key: key, Body: key }));
  const remove = (Key: string) => s3.send(new DeleteObjectCommand({ Bucket: "shelf", Key }));
  const list = (more: Partial<ListObjectsV2CommandInput> = {}) =>
    s3.send(new ListObjectsV2Command({ Bucket: "shelf", ...more }));
  return { s3, log, remove, list };
}

/** Every key and common prefix over all pages, and how many pages it took. */
async function walk(list: Awaited<ReturnType<typeof bucketWith>>["list"], more: Partial<ListObjectsV2CommandInput>) {
  const found: string[] = [];
  let pages = 0;
  let token: string | undefined;
  do {
    const page = await list({ ...more, ...(token === undefined ? {} : { ContinuationToken: token }) });
    pages += 1;
    const prefixes = (page.CommonPrefixes ?? []).map(({ Prefix = "" }) => Prefix);
    found.push(...[...(page.Contents ?? []).map(({ Key = "" }) => Key), ...prefixes].sort());
    token = page.IsTruncated ? page.NextContinuationToken : undefined;
  } while (token !== undefined);
  return { found, pages };
}

describe("ListObjectsV2", () => {
  it("lists by UTF-8 bytes, without what is deleted", async () => {
    const { list, remove } = await bucketWith("b", "a", "\u{ff5e}", "😀", "Z", "gone");
    await remove("gone");
    expect((await list()).Contents?.map(({ Key }) => Key)).toEqual(["Z", "a", "b", "\u{ff5e}", "😀"]);
  });

  it("folds keys at the delimiter and pages through keys and folds alike", async () => {
    const { list } = await bucketWith("a/1", "a/2", "b", "c/1/x", "c/2", "d");
    for (const MaxKeys of [1, 2, 3, 1000]) {
      const { found, pages } = await walk(list, { Delimiter: "/", MaxKeys });
      expect(found).toEqual(["a/", "b", "c/", "d"]);
      expect(pages).toBe(Math.ceil(4 / MaxKeys));
    }
    expect((await walk(list, { Delimiter: "/", Prefix: "c/" })).found).toEqual(["c/1/", "c/2"]);
    expect((await walk(list, { StartAfter: "b" })).found).toEqual(["c/1/x", "c/2", "d"]);
  });

  it("tells the log which prefix was looked through", async () => {
    const { list, log } = await bucketWith("a");
    log.take();
    await list({ Prefix: "a" });
    expect(log.calls).toMatchObject([
      { action: "s3:ListBucket", resource: "arn:aws:s3:::shelf", context: { "s3:prefix": "a" } },
    ]);
  });
});

describe("ListObjectVersions", () => {
  it("gives newest first, delete markers among them, page by page", async () => {
    const { s3, remove } = await bucketWith("a", "a", "b");
    await remove("a");
    const seen: string[] = [];
    let marker: { KeyMarker?: string; VersionIdMarker?: string } = {};
    for (let page = 0; page < 4; page++) {
      const answer = await s3.send(new ListObjectVersionsCommand({ Bucket: "shelf", MaxKeys: 1, ...marker }));
      for (const { Key, IsLatest } of answer.DeleteMarkers ?? []) seen.push(`marker ${Key} ${IsLatest}`);
      for (const { Key, IsLatest } of answer.Versions ?? []) seen.push(`version ${Key} ${IsLatest}`);
      expect(answer.IsTruncated).toBe(page < 3);
      const { NextKeyMarker = "", NextVersionIdMarker = "" } = answer;
      marker = { KeyMarker: NextKeyMarker, VersionIdMarker: NextVersionIdMarker };
    }
    expect(seen).toEqual(["marker a true", "version a false", "version a false", "version b true"]);
  });
});
