import { type KeyRole, keyRoles } from "../../attestation/key-record.ts";
import { parseCheckpoint } from "../../ledger/checkpoint.ts";
import { checkpointPath } from "../../ledger/tiles.ts";
import { logEntries } from "../pack/log-entries.ts";
import type { LedgerReader } from "./write-pack.ts";

/**
 * Whether the log tells its keys by now, without which no pack of it verifies. It does so within minutes of the first
 * deployment and among its first entries, so that no more than these are read.
 */
export async function keysTold(ledger: Pick<LedgerReader, "get">): Promise<boolean> {
  const head = await ledger.get(checkpointPath);
  if (head === undefined) return false;
  const missing = new Set<KeyRole>(keyRoles);
  for await (const { record } of logEntries(parseCheckpoint(head).checkpoint.size, (path) => ledger.get(path))) {
    for (const role of missing) if (record?.id.startsWith(`installation/key/${role}/`)) missing.delete(role);
    if (missing.size === 0) return true;
  }
  return false;
}
