import { concatBytes } from "../encoding/bytes.ts";
import { type LogVerification, type VerifyLogOptions, verifyLog } from "../ledger/verify-log.ts";
import { logFolder, logPath } from "./pack/pack-layout.ts";
import { namesOf, type PackSource, readWhole } from "./zip/pack-source.ts";

/** What the log of a pack came to that holds all of it. */
export interface InspectedLog {
  readonly verification: LogVerification;
  /** The hashes of its entries, bundle by bundle as far as they could be read. */
  readonly leaves: readonly LeavesOfBundle[];
}

/** Whose checkpoints count, and when. */
export type LogTrust = Pick<VerifyLogOptions, "trust" | "verify" | "whyNotInForce">;

interface LeavesOfBundle {
  readonly first: number;
  /** 32 bytes for each entry. */
  readonly hashes: Uint8Array;
}

/** Verifies the log of a pack from its own objects. */
export async function inspectLog(source: PackSource, options: LogTrust): Promise<InspectedLog> {
  const leaves: LeavesOfBundle[] = [];
  const log = { paths: logObjects(source), read: (path: string) => readWhole(source, logPath(path)) };
  const verification = await verifyLog(log, {
    ...options,
    visit: (first, _, hashes) => void leaves.push({ first, hashes: concatBytes(hashes) }),
  });
  return { verification, leaves };
}

function* logObjects(source: PackSource): Generator<string> {
  for (const name of namesOf(source, logFolder)) yield name.slice(logFolder.length);
}
