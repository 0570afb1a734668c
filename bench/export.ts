import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { base64url } from "../core/encoding/base64.ts";
import { utf8 } from "../core/encoding/bytes.ts";
import { addSeconds, type Instant } from "../core/encoding/instant.ts";
import { type Sha256, sha256Hex } from "../core/encoding/sha256.ts";
import { sequence } from "../core/ledger/sequence.ts";
import type { Fact } from "../core/promotion/fact.ts";
import { ledgerEntry } from "../core/promotion/ledger-record.ts";
import { promotionId } from "../core/promotion/promotion-id.ts";
import { MemoryLedger } from "../test/core/ledger/memory-ledger.ts";
import type { Figure } from "./figure.ts";

const few = 1_000;
const many = 20_000;
/** Or Node would let garbage lie as long as there is room: what is held, and not how lazily, is to be seen. */
const smallHeap = ["--max-old-space-size=48", "--max-semi-space-size=4"];
/** In memory where there is such a place: tens of thousands of small files. */
const scratch = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
const begun = "2026-11-22T09:00:00.000Z" as Instant;

/**
 * How much memory an export takes, whatever its size: the highest resident set of a process that packs 1,000 records
 * and of one that packs 20,000, three documents to nine of ten, from a ledger on disk.
 */
export async function exportBench(): Promise<readonly Figure[]> {
  const [small, large] = [await measured(few), await measured(many)];
  const ratio = large.mebibytes / small.mebibytes;
  return [
    {
      name: "export",
      referenceName: `the same for ${few} records`,
      metric: `peak memory for ${many} records (${Math.round(large.bytes / 2 ** 20)} MiB of pack)`,
      unit: "MiB",
      ours: large.mebibytes,
      reference: small.mebibytes,
      ratio,
      goal: "at most 1.5 times",
      met: ratio <= 1.5,
    },
  ];
}

interface Measured {
  readonly mebibytes: number;
  readonly bytes: number;
}

async function measured(records: number): Promise<Measured> {
  const folder = mkdtempSync(join(scratch, "countersign-export-"));
  try {
    await writeLedger(folder, records);
    const program = fileURLToPath(new URL("export-process.ts", import.meta.url));
    const { stdout, stderr, status } = spawnSync(process.execPath, [...smallHeap, program, folder], {
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`The export failed:\n${stderr}`);
    return JSON.parse(stdout) as Measured;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A ledger on disk, ten records to a promotion: a request and nine sign-offs. */
async function writeLedger(folder: string, records: number): Promise<void> {
  const log = new MemoryLedger();
  for (let at = 0; at < records; at += 500) {
    const facts = Array.from({ length: Math.min(500, records - at) }, (_, n) => factOf(at + n, folder));
    log.now += 60_000;
    await sequence(
      facts.map((fact) => ({ id: fact.id, bytes: ledgerEntry(fact) })),
      log.ports(),
    );
  }
  for (const [path, bytes] of log.objects) keep(folder, path, bytes);
  keep(folder, "checkpoint", log.alias?.bytes ?? new Uint8Array());
}

function factOf(index: number, folder: string): Fact {
  const promotion = promotionId(sha256Hex(utf8(`candidate ${Math.floor(index / 10)}`)), 1);
  const common = { at: addSeconds(begun, index), promotion };
  if (index % 10 === 0) {
    const body = { model: { name: "m", type: "t", version: `${index}` }, target: "production" };
    return { ...common, id: `${promotion}/0`, type: "request", summary: "Asked.", body, attachments: [] };
  }
  const attachments = ["sign-off.dsse.json", "id-token.jwt", "jwks.json"].map((name) => ({
    name,
    mediaType: "application/json",
    sha256: document(folder, `${name} ${index}`),
  }));
  return {
    ...common,
    id: `${promotion}/sign-off/${sha256Hex(utf8(`${index}`))}`,
    type: "sign-off",
    summary: `Reviewer ${index % 10} approved.`,
    body: { result: "approve", reason: "", roles: ["role"], stage: 0, review: 1, groups: [] },
    attachments,
  };
}

/** About as long as a signed statement. */
function document(folder: string, name: string): Sha256 {
  const bytes = utf8(`"${base64url(utf8(`${name} `.repeat(60)))}"`);
  const sha256 = sha256Hex(bytes);
  keep(folder, `blobs/sha256/${sha256}`, bytes);
  return sha256;
}

function keep(folder: string, path: string, bytes: Uint8Array): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), bytes);
}
