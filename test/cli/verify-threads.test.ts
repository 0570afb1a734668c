import { beforeAll, describe, expect, it } from "vitest";
import { withPack } from "../../cli/pack-file.ts";
import { filesForThreads, type IdleThread, startThreads, threadsFor, verifyThreads } from "../../cli/verify-threads.ts";
import type { PackVerification } from "../../core/archive/pack-verification.ts";
import { verifyPack } from "../../core/archive/verify-pack.ts";
import { memorySource } from "../../core/archive/zip/pack-source.ts";
import {
  type Files,
  packOf,
  type Recorded,
  recordStories,
  resealed,
  verifyOptions,
} from "../core/archive/pack-fixture.ts";
import { zipOnDisk } from "./pack-on-disk.ts";

let recorded: Recorded;
let files: Files;
beforeAll(async () => {
  recorded = await recordStories();
  files = await packOf(recorded);
});

async function verifiedBy(threads: readonly IdleThread[], pack: Files): Promise<PackVerification> {
  const path = await zipOnDisk(pack);
  return await withPack(path, async (opened) => {
    if (opened.kind === "refused" || opened.rows === undefined) throw new Error("The pack was refused.");
    const options = verifyOptions();
    return await verifyPack(opened.source, {
      ...options,
      helpers: verifyThreads(threads, { path, rows: opened.rows }, options),
      allocate: (size) => new SharedArrayBuffer(size),
    });
  });
}

describe("verification by several threads", () => {
  it("comes to the very result of one, for a pack that holds and for one that does not", async () => {
    const report = `report/${recorded.rejected}.html`;
    const changed = resealed(files, {
      [report]: Buffer.from("other"),
      "records/3.json": Buffer.from("{}"),
      stray: Buffer.from("x"),
    });
    for (const pack of [files, changed, new Map(files).set(report, Buffer.from("careless"))]) {
      const alone = await verifyPack(memorySource(pack), verifyOptions());
      expect(await verifiedBy(startThreads(2), pack)).toEqual(alone);
    }
  });

  it("ends where a thread had ended before there was anything to do", async () => {
    const threads = startThreads(2);
    for (const thread of threads) thread.failure = new Error("There was no memory for it.");
    await expect(verifiedBy(threads, files)).rejects.toThrow("There was no memory for it.");
  });

  it("is not for small packs, and takes every core for others", () => {
    expect(threadsFor(filesForThreads - 1, 8)).toBe(1);
    expect(threadsFor(filesForThreads, 8)).toBe(8);
    expect(threadsFor(1_000_000, 1)).toBe(1);
    expect(startThreads(1)).toEqual([]);
  });
});
