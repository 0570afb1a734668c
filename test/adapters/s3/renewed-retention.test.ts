import { GetObjectRetentionCommand, PutObjectCommand, PutObjectRetentionCommand, S3Client } from "@aws-sdk/client-s3";
import { describe, expect, it, onTestFinished } from "vitest";
import { artifactStore } from "../../../adapters/s3/artifacts.ts";
import { blobKey, blobStore } from "../../../adapters/s3/blobs.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import { startS3 } from "../../../local/s3/s3.ts";
import { credentials, RecordedCalls, scratchDirectory } from "../../local/recorded-calls.ts";

const day = 86_400;
const days = 3653;
const begun = "2026-11-27T12:00:00.000Z" as Instant;
const daysLater = (count: number) => addSeconds(begun, count * day);
const hourMore = (at: Instant) => addSeconds(at, 3600);
const policies = utf8("roles: {}");
const key = blobKey(sha256Hex(policies));
const weights = "[1,2,3]";
const file = {
  name: "model.json",
  mediaType: "application/json",
  size: weights.length,
  sha256: sha256Hex(utf8(weights)),
};
const frozenKey = `frozen/${file.sha256}/model.json`;

/** The buckets under Object Lock, at a time that goes on, and what was asked of S3 since the time went on last. */
async function scene({ lock = true } = {}) {
  const log = new RecordedCalls();
  let clock = begun;
  const local = await startS3({ directory: scratchDirectory(), log, clock: () => Date.parse(clock) });
  onTestFinished(() => local.close());
  const locked = lock ? { objectLock: { mode: "COMPLIANCE", days } as const } : {};
  for (const name of ["ledger", "artifacts"]) local.createBucket({ name, versioning: true, ...locked });
  local.createBucket({ name: "exchange", versioning: true });
  const s3 = new S3Client({ endpoint: local.url, forcePathStyle: true, region: "us-east-1", credentials });
  onTestFinished(() => s3.destroy());
  await s3.send(new PutObjectCommand({ Bucket: "exchange", Key: "incoming/model.json", Body: weights }));
  const keeping = { days, now: () => clock };
  return {
    s3,
    /** Functions that have only just begun. */
    begin: () => ({
      blobs: blobStore(s3, "ledger", keeping),
      artifacts: artifactStore(s3, { exchange: "exchange", artifacts: "artifacts" }, keeping),
    }),
    at: (next: Instant) => {
      clock = next;
      log.calls.length = 0;
    },
    keptUntil: async (Bucket: string, Key: string) =>
      (await s3.send(new GetObjectRetentionCommand({ Bucket, Key }))).Retention?.RetainUntilDate?.toISOString(),
    asked: () => log.calls.map(({ action }) => action),
  };
}

const text = "text/yaml";
const source = { uri: "s3://exchange/incoming/model.json" };

describe("a document that is kept once more", () => {
  it("stays as long as one that is written now", async () => {
    const { begin, at, keptUntil } = await scene();
    await begin().blobs.put(policies, text);
    expect(await keptUntil("ledger", key)).toBe(daysLater(days));
    at(daysLater(400));
    await begin().blobs.put(policies, text);
    expect(await keptUntil("ledger", key)).toBe(hourMore(daysLater(400 + days)));
  });

  it("costs nothing more where it is young, or was looked at before", async () => {
    const { begin, at, asked, keptUntil } = await scene();
    await begin().blobs.put(policies, text);
    at(daysLater(30));
    await begin().blobs.put(policies, text);
    expect(asked()).toEqual(["s3:PutObject", "s3:GetObject"]);
    at(daysLater(31));
    const { blobs } = begin();
    await blobs.put(policies, text);
    expect(asked()).toEqual(["s3:PutObject", "s3:GetObject", "s3:GetObjectRetention", "s3:PutObjectRetention"]);
    at(daysLater(60));
    await blobs.put(policies, text);
    expect(asked()).toEqual(["s3:PutObject", "s3:GetObject"]);
    at(daysLater(61));
    await begin().blobs.put(policies, text);
    expect(asked()).toEqual(["s3:PutObject", "s3:GetObject", "s3:GetObjectRetention"]);
    expect(await keptUntil("ledger", key)).toBe(hourMore(daysLater(31 + days)));
  });

  it("is taken where another has lengthened it meanwhile, and not where S3 refuses it otherwise", async () => {
    const { s3, begin, at, keptUntil } = await scene();
    await begin().blobs.put(policies, text);
    at(daysLater(400));
    let until = daysLater(400 + days + 2);
    s3.middlewareStack.add(
      (next, context) => async (args) => {
        if (context.commandName !== "PutObjectRetentionCommand" || until === begun) return next(args);
        const RetainUntilDate = new Date(until);
        until = begun;
        const Retention = { Mode: "COMPLIANCE", RetainUntilDate } as const;
        await s3.send(new PutObjectRetentionCommand({ Bucket: "ledger", Key: key, Retention }));
        return next(args);
      },
      { step: "initialize" },
    );
    await begin().blobs.put(policies, text);
    expect(await keptUntil("ledger", key)).toBe(daysLater(400 + days + 2));

    const refusing = await scene();
    await refusing.begin().blobs.put(policies, text);
    refusing.at(daysLater(400));
    refusing.s3.middlewareStack.add(
      (next, context) => async (args) => {
        if (context.commandName !== "PutObjectRetentionCommand") return next(args);
        throw Object.assign(new Error("Access Denied"), { name: "AccessDenied" });
      },
      { step: "initialize" },
    );
    await expect(refusing.begin().blobs.put(policies, text)).rejects.toThrow("Access Denied");
  });

  it("is left alone where the bucket locks nothing", async () => {
    const { begin, at, asked } = await scene({ lock: false });
    await begin().blobs.put(policies, text);
    at(daysLater(400));
    await begin().blobs.put(policies, text);
    expect(asked()).toEqual(["s3:PutObject", "s3:GetObject", "s3:GetObjectRetention"]);
  });
});

describe("an artifact that is frozen once more", () => {
  it("stays as long as one that is frozen now", async () => {
    const { begin, at, keptUntil } = await scene();
    const copy = await begin().artifacts.freeze(file, source);
    at(daysLater(400));
    expect(await begin().artifacts.freeze(file, source)).toEqual(copy);
    expect(await keptUntil("artifacts", frozenKey)).toBe(hourMore(daysLater(400 + days)));
  });

  it("does so where another approval of it is asked for, which copies nothing", async () => {
    const { begin, at, asked, keptUntil } = await scene();
    const copy = await begin().artifacts.freeze(file, source);
    at(daysLater(20));
    expect(await begin().artifacts.keep(copy)).toEqual(copy);
    expect(asked()).toEqual(["s3:GetObjectRetention"]);
    at(daysLater(400));
    expect(await begin().artifacts.keep(copy)).toEqual(copy);
    expect(await keptUntil("artifacts", frozenKey)).toBe(hourMore(daysLater(400 + days)));
  });
});
