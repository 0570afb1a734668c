import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { startSha256 } from "../adapters/node-crypto/running-sha256.ts";
import { fileSpool } from "../adapters/temporary-files/spool.ts";
import type { LedgerReader } from "../core/archive/export/write-pack.ts";
import type { Instant } from "../core/encoding/instant.ts";
import { writtenPack } from "../functions/events/write-export/written-pack.ts";
import { attestation } from "../test/core/attestation/signing-keys.ts";
import { MemoryLedger } from "../test/core/ledger/memory-ledger.ts";

/** Packs the ledger in a folder as the function does, and prints what it took: one process, so that its peak is its own. */
const [folder = ""] = process.argv.slice(2);

const ledger: LedgerReader = {
  get: (path) =>
    readFile(join(folder, path)).then(
      (bytes) => new Uint8Array(bytes),
      () => undefined,
    ),
  async *list(prefix) {
    for (const name of readdirSync(join(folder, prefix))) yield `${prefix}${name}`;
  },
};

const { bytes } = await writtenPack(
  "audit.zip",
  { scope: { kind: "everything" }, withoutPersonalData: false },
  "2026-11-24T00:00:00.000Z" as Instant,
  {
    settings: { logOrigin: MemoryLedger.signer.origin },
    ledger,
    attestationKeys: async () => [attestation.key],
    checkpointKeys: async () => [MemoryLedger.signer.publicKey],
    startSha256,
    openSpool: fileSpool,
    put: async (_, chunks) => {
      for await (const chunk of chunks) if (chunk.length === 0) continue;
    },
  },
);
// Kilobytes (getrusage).
console.log(JSON.stringify({ mebibytes: process.resourceUsage().maxRSS / 1024, bytes }));
