import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { describe, expect, it, onTestFinished } from "vitest";
import { exportStore } from "../../../adapters/s3/exports.ts";
import { ledgerReader } from "../../../adapters/s3/ledger-reader.ts";
import { startS3 } from "../../../local/s3/s3.ts";
import { credentials, RecordedCalls, scratchDirectory } from "../../local/recorded-calls.ts";

const mebibyte = 1024 * 1024;

async function bucket() {
  const log = new RecordedCalls();
  const local = await startS3({ directory: scratchDirectory(), log });
  local.createBucket({ name: "exchange", versioning: true });
  const client = new S3Client({
    endpoint: local.url,
    forcePathStyle: true,
    region: "us-east-1",
    credentials,
    maxAttempts: 1,
  });
  onTestFinished(() => local.close());
  onTestFinished(() => client.destroy());
  return { client, store: exportStore(client, "exchange") };
}

async function* chunks(count: number, length: number): AsyncGenerator<Uint8Array> {
  for (let n = 0; n < count; n += 1) yield new Uint8Array(length).fill(n);
}

async function fetched(address: string): Promise<Uint8Array> {
  return new Uint8Array(await (await fetch(address)).arrayBuffer());
}

describe("exports", () => {
  it("are written in parts as they come, and read at the address that is given out", async () => {
    const { store } = await bucket();
    await store.put("large.zip", chunks(20, mebibyte + 1));
    const bytes = await fetched(await store.address("large.zip", 60));
    expect(bytes.length).toBe(20 * (mebibyte + 1));
    expect([bytes[0], bytes[mebibyte + 1], bytes.at(-1)]).toEqual([0, 1, 19]);
  });

  it.each([0, 1, 3])("are written at once where they are small (%i chunks)", async (count) => {
    const { store } = await bucket();
    await store.put("small.zip", chunks(count, 10));
    expect((await fetched(await store.address("small.zip", 60))).length).toBe(count * 10);
  });

  it("are never written over", async () => {
    const { store } = await bucket();
    await store.put("small.zip", chunks(1, 10));
    await expect(store.put("small.zip", chunks(1, 10))).rejects.toMatchObject({ name: "PreconditionFailed" });
    await store.put("large.zip", chunks(9, mebibyte));
    await expect(store.put("large.zip", chunks(9, mebibyte))).rejects.toMatchObject({ name: "PreconditionFailed" });
  });

  it("leave nothing where the bytes stop coming", async () => {
    const { store } = await bucket();
    const broken = async function* () {
      yield* chunks(10, mebibyte);
      throw new Error("the ledger went away");
    };
    await expect(store.put("broken.zip", broken())).rejects.toThrow("the ledger went away");
    expect((await fetch(await store.address("broken.zip", 60))).status).toBe(404);
  });
});

describe("the ledger's reader", () => {
  it("lists what begins with a prefix, and answers nothing for what is not there", async () => {
    const { client } = await bucket();
    for (const key of ["checkpoint", "checkpoints/1", "checkpoints/2"]) {
      await client.send(new PutObjectCommand({ Bucket: "exchange", Key: key, Body: key }));
    }
    const reader = ledgerReader(client, "exchange");
    const listed: string[] = [];
    for await (const path of reader.list("checkpoints/")) listed.push(path);
    expect(listed).toEqual(["checkpoints/1", "checkpoints/2"]);
    expect(Buffer.from((await reader.get("checkpoint")) ?? []).toString()).toBe("checkpoint");
    expect(await reader.get("tile/0/000")).toBeUndefined();
  });
});
