import { beforeAll, describe, expect, it } from "vitest";
import { startSha256 } from "../../../adapters/node-crypto/running-sha256.ts";
import { fileSpool } from "../../../adapters/temporary-files/spool.ts";
import {
  type ExportId,
  type ExportRequest,
  requestedExport,
  startedExport,
} from "../../../core/archive/export/export-job.ts";
import type { LedgerReader } from "../../../core/archive/export/write-pack.ts";
import { blobPath } from "../../../core/archive/pack/pack-layout.ts";
import { verifyPack } from "../../../core/archive/verify-pack.ts";
import { openZip } from "../../../core/archive/zip/read-zip.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import { Failure } from "../../../core/failure.ts";
import { parseCheckpoint } from "../../../core/ledger/checkpoint.ts";
import { cosignNote, noteKey } from "../../../core/ledger/note-key.ts";
import { formatSignedNote } from "../../../core/ledger/signed-note.ts";
import { checkpointPath } from "../../../core/ledger/tiles.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { type WriteExportPorts, writeExport } from "../../../functions/events/write-export/handler.ts";
import { cora } from "../../core/archive/house.ts";
import {
  collected,
  ledgerOf,
  type Recorded,
  recordStories,
  settingsOf,
  verifyOptions,
} from "../../core/archive/pack-fixture.ts";
import { testSigner } from "../../core/ledger/ed25519.ts";
import { MemoryLedger } from "../../core/ledger/memory-ledger.ts";
import { MemoryExportJobs } from "../memory-export-jobs.ts";

const now = "2026-11-24T00:00:00.000Z" as Instant;
const id = "5f0c9c1e-3b5d-4c57-9d5e-0a8f4f0f2b11" as ExportId;
const told = { detail: { factId: `installation/export-requested/${id}` } };
let recorded: Recorded;
beforeAll(async () => {
  recorded = await recordStories();
});

async function writing(scope: ExportRequest["scope"] = { kind: "everything" }, over: Partial<WriteExportPorts> = {}) {
  const { reader } = await ledgerOf(recorded.house.facts, recorded.house.blobs);
  const written = new Map<string, Uint8Array>();
  const jobs = new MemoryExportJobs();
  const request = { scope, withoutPersonalData: false };
  await jobs.create(requestedExport({ id, request, by: cora.identity, byName: cora.name, requestedAt: now }));
  const { logOrigin } = settingsOf(recorded);
  const write = writeExport({
    now: () => now,
    log: () => undefined,
    settings: { logOrigin },
    jobs,
    ledger: reader,
    attestationKeys: async () => [recorded.house.attestation.key],
    checkpointKeys: async () => [MemoryLedger.signer.publicKey],
    startSha256,
    openSpool: fileSpool,
    put: async (file, chunks) => void written.set(file, await collected(chunks)),
    witnesses: [],
    pause: async () => {
      throw new Error("There is nothing to wait for.");
    },
    ...over,
  });
  return { jobs, write, written };
}

const failing: Partial<WriteExportPorts> = {
  put: async () => {
    throw new Error("SlowDown");
  },
};

async function verifiedZip(bytes: Uint8Array) {
  const zip = await openZip({
    size: bytes.length,
    read: async (offset, length) => bytes.subarray(offset, offset + length),
  });
  if (zip.kind === "refused") throw new Error(zip.sentence);
  return verifyPack(zip.source, verifyOptions());
}

describe("writing an export", () => {
  it("packs everything, and keeps what it came to with the fact that it was taken", async () => {
    const { jobs, write, written } = await writing();
    await write(told);
    const pack = written.get(`audit-${id}-1.zip`) ?? new Uint8Array();
    const { state, history } = jobs.stored(id);
    expect(state).toEqual({
      kind: "done",
      at: now,
      pack: {
        file: `audit-${id}-1.zip`,
        bytes: pack.length,
        sha256: sha256Hex(pack),
        ledger: {
          origin: MemoryLedger.signer.origin,
          entries: recorded.house.facts.length,
          rootHash: expect.any(String),
        },
      },
    });
    expect(history.at(-1)).toMatchObject({
      id: `installation/export/${id}`,
      summary: "Cora exported the audit archive: everything.",
      body: { by: cora.identity, pack: { sha256: sha256Hex(pack), bytes: pack.length } },
    });
    expect(await verifiedZip(pack)).toMatchObject({ holds: true, findings: [] });
  });

  it("writes it once, however often it is told, and nothing for what is no export", async () => {
    const { jobs, write, written } = await writing();
    await write(told);
    await write(told);
    await write({ detail: { factId: "installation/export/x" } });
    await write({ detail: {} });
    expect(written.size).toBe(1);
    expect(jobs.stored(id).history).toHaveLength(2);
  });

  it("says that there is nothing of a model that was never submitted, and is not tried again", async () => {
    const { jobs, write } = await writing({ kind: "model", model: "other" });
    await write(told);
    expect(jobs.stored(id).state).toMatchObject({
      kind: "failed",
      reason: "The ledger holds nothing of what was asked for.",
    });
    expect(jobs.stored(id).history).toHaveLength(1);
  });

  it("says at once that a checkpoint is not of this ledger, and rings nobody", async () => {
    const { jobs, write } = await writing({ kind: "since", size: 3, root: "a".repeat(64) });
    await write(told);
    expect(jobs.stored(id).state).toMatchObject({
      kind: "failed",
      reason:
        "The ledger's first 3 entries are not those of that checkpoint. It is another ledger's, or this one was altered since.",
    });
    expect(jobs.stored(id).history).toHaveLength(1);
  });

  it("goes on after an attempt that was cut off, under another name", async () => {
    const { jobs, write, written } = await writing();
    jobs.put(startedExport(jobs.stored(id), now) ?? jobs.stored(id));
    await write(told);
    expect([...written.keys()]).toEqual([`audit-${id}-2.zip`]);
    expect(jobs.stored(id).state.kind).toBe("done");
  });

  it("leaves the word to the attempt that took over", async () => {
    const { jobs, write, written } = await writing(undefined, {
      put: async (file, chunks) => {
        written.set(file, await collected(chunks));
        jobs.put(startedExport(jobs.stored(id), now) ?? jobs.stored(id));
      },
    });
    await write(told);
    expect(jobs.stored(id).state).toMatchObject({ kind: "running", attempt: 2 });
  });

  it("fails for Lambda to try again, and gives up with a sentence after the third time", async () => {
    const { jobs, write } = await writing(undefined, failing);
    for (const attempt of [1, 2]) {
      await expect(write(told)).rejects.toThrow("SlowDown");
      expect(jobs.stored(id).state).toMatchObject({ kind: "running", attempt });
    }
    await expect(write(told)).rejects.toThrow("SlowDown");
    expect(jobs.stored(id).state).toMatchObject({ kind: "failed", reason: expect.stringContaining("several times") });
    await write(told);
  });
});

it.each(["unavailable", "conflict", "internal"] as const)(
  "an export is tried again where something passes or is broken here: %s",
  async (code) => {
    const error = new Failure(code, "Not now.");
    const { jobs, write } = await writing(undefined, { put: () => Promise.reject(error) });
    await expect(write(told)).rejects.toBe(error);
    expect(jobs.stored(id).state).toMatchObject({ kind: "running", attempt: 1 });
  },
);

describe("a document that the ledger names", () => {
  const evidence = () =>
    recorded.house.facts.find(({ type }) => type === "freeze")?.attachments.at(-1)?.sha256 ?? expect.unreachable();

  /** What is logged of an export where a piece of evidence comes as `over` makes it, and what verifies it says. */
  async function exporting(over: (bytes: Uint8Array) => Uint8Array | undefined) {
    const errors: unknown[] = [];
    const { reader } = await ledgerOf(recorded.house.facts, recorded.house.blobs);
    const get: LedgerReader["get"] = async (path) => {
      const bytes = await reader.get(path);
      return path === blobPath(evidence()) && bytes !== undefined ? over(bytes) : bytes;
    };
    const { write, written } = await writing(undefined, {
      ledger: { get, list: (prefix) => reader.list(prefix) },
      log: (level, ...line) => void (level === "error" && errors.push(line)),
    });
    await write(told);
    const { findings } = await verifiedZip(written.get(`audit-${id}-1.zip`) ?? new Uint8Array());
    return { errors, findings };
  }

  it.each<["gone" | "altered", string, (bytes: Uint8Array) => Uint8Array | undefined]>([
    ["gone", "document-missing", () => undefined],
    ["altered", "document-changed", (bytes) => bytes.with(0, 0)],
  ])("is named once where it is %s, and the pack is written all the same", async (is, code, over) => {
    const { errors, findings } = await exporting(over);
    expect(errors).toEqual([["document lost", { exportId: id, sha256: evidence(), is }]]);
    expect(findings.map((finding) => finding.code)).toContain(code);
  });

  it("is named nowhere where each is there", async () => {
    const { errors, findings } = await exporting((bytes) => bytes);
    expect([errors, findings]).toEqual([[], []]);
  });
});

describe("an export within minutes of the first deployment", () => {
  const facts = () => recorded.house.facts;
  const isKey = ({ type }: { readonly type: string }) => type === "key";
  const founding = () => facts().filter((fact) => fact.type === "installation");

  /** The ledger as it is at each look: it grows while somebody waits for it. */
  async function growing(...ledgers: readonly (readonly Fact[])[]) {
    const readers = await Promise.all(ledgers.map(async (told) => (await ledgerOf(told, recorded.house.blobs)).reader));
    const seconds: number[] = [];
    const now = () => readers[Math.min(seconds.length, readers.length - 1)] ?? emptyLedger;
    const ledger: LedgerReader = { get: (path) => now().get(path), list: (prefix) => now().list(prefix) };
    return { seconds, over: { ledger, pause: async (each: number) => void seconds.push(each) } };
  }
  const emptyLedger: LedgerReader = { get: async () => undefined, list: async function* () {} };

  it("waits until the log tells its keys, and verifies", async () => {
    const [first] = facts().filter(isKey);
    const early = [...founding(), ...(first === undefined ? [] : [first])];
    const { seconds, over } = await growing(founding(), early, [...founding(), ...facts().filter(isKey)]);
    const { write, written } = await writing(undefined, over);
    await write(told);
    expect(seconds).toEqual([10, 10]);
    const { findings } = await verifiedZip(written.get(`audit-${id}-1.zip`) ?? new Uint8Array());
    expect(findings).toEqual([]);
  });

  it("says so where the log never does, and is not tried again", async () => {
    const { seconds, over } = await growing(founding());
    const { jobs, write } = await writing(undefined, over);
    await write(told);
    expect(seconds.reduce((sum, each) => sum + each, 0)).toBeGreaterThan(300);
    expect(jobs.stored(id).state).toMatchObject({
      kind: "failed",
      reason: "The ledger does not tell its keys yet, which it does within minutes of the first deployment.",
    });
  });
});

describe("an export of a ledger that has witnesses", () => {
  const keys = ["witness.example/w1", "witness.example/w2"].map((name, at) => {
    const { publicKey, sign } = testSigner(name, at + 11);
    return { key: noteKey(name, "cosignature/v1", publicKey), sign };
  });
  const witnesses = keys.map(({ key }) => key);

  /** The ledger as it is at each look, cosigned by so many of the witnesses. */
  async function cosigned(...by: readonly number[]) {
    const { reader } = await ledgerOf(recorded.house.facts, recorded.house.blobs);
    const seconds: number[] = [];
    const ledger: LedgerReader = {
      list: (prefix) => reader.list(prefix),
      get: async (path) => {
        const bytes = await reader.get(path);
        if (path !== checkpointPath || bytes === undefined) return bytes;
        const { note } = parseCheckpoint(bytes);
        const some = keys.slice(0, by[Math.min(seconds.length, by.length - 1)]);
        const lines = await Promise.all(some.map(({ key, sign }) => cosignNote(note.text, key, sign, 1_795_478_400)));
        return utf8(formatSignedNote({ text: note.text, signatures: [...note.signatures, ...lines] }));
      },
    };
    const logged: string[] = [];
    const log: WriteExportPorts["log"] = (level, message) => void logged.push(`${level}: ${message}`);
    return {
      seconds,
      logged,
      over: { ledger, witnesses, log, pause: async (each: number) => void seconds.push(each) },
    };
  }

  async function written(over: Partial<WriteExportPorts>) {
    const { write, written } = await writing(undefined, over);
    await write(told);
    const pack = written.get(`audit-${id}-1.zip`) ?? new Uint8Array();
    const zip = await openZip({
      size: pack.length,
      read: async (offset, length) => pack.subarray(offset, offset + length),
    });
    if (zip.kind === "refused") throw new Error(zip.sentence);
    const options = verifyOptions();
    return verifyPack(zip.source, { ...options, known: { ...options.known, witnessKeys: witnesses } });
  }

  it("waits until all of them have cosigned what it holds", async () => {
    const { seconds, logged, over } = await cosigned(0, 1, 2);
    expect(await written(over)).toMatchObject({ holds: true, findings: [] });
    expect(seconds).toEqual([5, 5]);
    expect(logged).toEqual(["info: export ended"]);
  });

  it("is written without the one that does not answer for minutes", async () => {
    const { seconds, logged, over } = await cosigned(1);
    const { findings } = await written(over);
    expect(findings.map(({ code, sentence }) => [code, sentence.split(" has ", 1)[0]])).toEqual([
      ["checkpoint-not-witnessed", `The witness witness.example/w2+${witnesses[1]?.keyId}`],
    ]);
    expect(seconds.reduce((sum, each) => sum + each, 0)).toBe(145);
    expect(logged).toEqual(["info: export without a witness", "info: export ended"]);
  });
});
