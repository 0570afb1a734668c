import { GetObjectRetentionCommand, S3Client } from "@aws-sdk/client-s3";
import { describe, expect, it, onTestFinished } from "vitest";
import { ledgerObjects } from "../../../adapters/s3/ledger-objects.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import { startS3 } from "../../../local/s3/s3.ts";
import { credentials, RecordedCalls, scratchDirectory } from "../../local/recorded-calls.ts";

const now = "2026-11-27T12:00:00.000Z" as Instant;

async function ledger() {
  const log = new RecordedCalls();
  const local = await startS3({ directory: scratchDirectory(), log, clock: () => Date.parse(now) });
  local.createBucket({ name: "ledger", versioning: true, objectLock: { mode: "COMPLIANCE", days: 3653 } });
  const client = new S3Client({
    endpoint: local.url,
    forcePathStyle: true,
    region: "us-east-1",
    credentials,
    maxAttempts: 1,
  });
  onTestFinished(() => local.close());
  onTestFinished(() => client.destroy());
  const objects = ledgerObjects(client, "ledger", { mode: "COMPLIANCE", days: 31, now: () => now });
  const keptUntil = async (Key: string) => {
    const { Retention } = await client.send(new GetObjectRetentionCommand({ Bucket: "ledger", Key }));
    return [Retention?.Mode, Retention?.RetainUntilDate?.toISOString()];
  };
  return { objects, keptUntil };
}

describe("objects of the log", () => {
  it("are kept as long as the bucket keeps things; a version of the alias for a month", async () => {
    const { objects, keptUntil } = await ledger();
    await objects.putNew("checkpoints/7", utf8("head"), "text/plain");
    await objects.replaceAlias("checkpoint", utf8("head"), undefined, "text/plain");
    expect(await keptUntil("checkpoints/7")).toEqual(["COMPLIANCE", "2036-11-27T12:00:00.000Z"]);
    expect(await keptUntil("checkpoint")).toEqual(["COMPLIANCE", "2026-12-28T12:00:00.000Z"]);
  });

  it("take another alias only over the one that was read", async () => {
    const { objects, keptUntil } = await ledger();
    const first = await objects.replaceAlias("checkpoint", utf8("one"), undefined, "text/plain");
    if (first === "changed") return expect.unreachable();
    expect(await objects.replaceAlias("checkpoint", utf8("two"), undefined, "text/plain")).toBe("changed");
    expect(await objects.replaceAlias("checkpoint", utf8("two"), '"another"', "text/plain")).toBe("changed");
    const second = await objects.replaceAlias("checkpoint", utf8("two"), first.version, "text/plain");
    expect(second).toMatchObject({ version: (await objects.getAlias("checkpoint"))?.version });
    expect(await keptUntil("checkpoint")).toEqual(["COMPLIANCE", "2026-12-28T12:00:00.000Z"]);
  });
});
