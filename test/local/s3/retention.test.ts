import {
  DeleteObjectCommand,
  GetObjectRetentionCommand,
  type ObjectLockRetention,
  PutObjectCommand,
  PutObjectRetentionCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { describe, expect, it, onTestFinished } from "vitest";

import { startS3 } from "../../../local/s3/s3.ts";
import { credentials, RecordedCalls, scratchDirectory } from "../recorded-calls.ts";

const start = Date.parse("2026-11-22T12:00:00.000Z");
const day = 86_400_000;
const denied = { name: "AccessDenied" };

async function ledger(mode: "COMPLIANCE" | "GOVERNANCE") {
  let now = start;
  const log = new RecordedCalls();
  const local = await startS3({ directory: scratchDirectory(), log, clock: () => now });
  local.createBucket({ name: "ledger", versioning: true, objectLock: { mode, days: 10 } });
  const s3 = new S3Client({
    endpoint: local.url,
    forcePathStyle: true,
    region: "us-east-1",
    credentials,
    maxAttempts: 1,
  });
  onTestFinished(() => local.close());
  onTestFinished(() => s3.destroy());
  const put = (more: object = {}) =>
    s3.send(new PutObjectCommand({ Bucket: "ledger", Key: "record", Body: "x", ...more }));
  const { VersionId = "" } = await put();
  const version = { Bucket: "ledger", Key: "record", VersionId };
  return {
    log,
    put,
    remove: (bypass = false) => s3.send(new DeleteObjectCommand({ ...version, BypassGovernanceRetention: bypass })),
    hide: () => s3.send(new DeleteObjectCommand({ Bucket: "ledger", Key: "record" })),
    retain: (Retention: ObjectLockRetention, bypass = false) =>
      s3.send(new PutObjectRetentionCommand({ ...version, Retention, BypassGovernanceRetention: bypass })),
    retention: async () => (await s3.send(new GetObjectRetentionCommand(version))).Retention,
    passDays: (days: number) => {
      now += days * day;
    },
  };
}

describe("under COMPLIANCE", () => {
  it("gives every version the bucket's retention", async () => {
    const { retention } = await ledger("COMPLIANCE");
    expect(await retention()).toEqual({ Mode: "COMPLIANCE", RetainUntilDate: new Date(start + 10 * day) });
  });

  it("removes a version for nobody until the retention is over", async () => {
    const { remove, passDays } = await ledger("COMPLIANCE");
    await expect(remove()).rejects.toMatchObject(denied);
    await expect(remove(true)).rejects.toMatchObject(denied);
    passDays(10);
    await expect(remove()).resolves.toBeDefined();
  });

  it("still lets a delete marker hide the object, which is why the policy must deny that", async () => {
    const { hide } = await ledger("COMPLIANCE");
    expect(await hide()).toMatchObject({ DeleteMarker: true });
  });

  it("lets the retention grow, never shrink or weaken", async () => {
    const { retain, retention } = await ledger("COMPLIANCE");
    const later = new Date(start + 20 * day);
    await expect(retain({ Mode: "COMPLIANCE", RetainUntilDate: new Date(start + 9 * day) })).rejects.toMatchObject(
      denied,
    );
    await expect(retain({ Mode: "GOVERNANCE", RetainUntilDate: later }, true)).rejects.toMatchObject(denied);
    await expect(retain({}, true)).rejects.toMatchObject(denied);
    await retain({ Mode: "COMPLIANCE", RetainUntilDate: later });
    expect(await retention()).toEqual({ Mode: "COMPLIANCE", RetainUntilDate: later });
  });
});

describe("under GOVERNANCE", () => {
  it("removes and shortens only with the bypass, which needs a permission of its own", async () => {
    const { remove, retain, log } = await ledger("GOVERNANCE");
    const sooner = { Mode: "GOVERNANCE", RetainUntilDate: new Date(start + day) } as const;
    await expect(retain(sooner)).rejects.toMatchObject(denied);
    await retain(sooner, true);
    await expect(remove()).rejects.toMatchObject(denied);
    log.take();
    await remove(true);
    expect(log.take()).toEqual([
      "s3:DeleteObjectVersion arn:aws:s3:::ledger/record 204",
      "s3:BypassGovernanceRetention arn:aws:s3:::ledger/record 204",
    ]);
  });
});

describe("a writer", () => {
  it("can ask for another retention than the bucket's, but not for one in the past", async () => {
    const { put } = await ledger("COMPLIANCE");
    const past = { ObjectLockMode: "COMPLIANCE", ObjectLockRetainUntilDate: new Date(start - day) };
    await expect(put(past)).rejects.toMatchObject({ name: "InvalidArgument" });
    await expect(put({ ObjectLockMode: "COMPLIANCE" })).rejects.toMatchObject({ name: "InvalidArgument" });
  });
});
