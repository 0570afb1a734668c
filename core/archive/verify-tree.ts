import { equalBytes } from "../encoding/bytes.ts";
import { type CheckpointTrust, checkCheckpoint } from "../ledger/checkpoint.ts";
import type { LogFinding } from "../ledger/log-findings.ts";
import { appendToRange, emptyRange, hashLength, rangeRoot, splitHashes } from "../ledger/merkle.ts";
import type { VerifyEd25519 } from "../ledger/note-key.ts";
import { rebuildTree } from "../ledger/rebuild-tree.ts";
import { checkpointPath, type ReadObject, tilePath, tileWidth, widthAt } from "../ledger/tiles.ts";
import type { LogVerification } from "../ledger/verify-log.ts";

/**
 * Verifies the tree of a log whose entries are not all at hand, from its tiles: the checkpoint's signature, every tile
 * against the one below, the root against the checkpoint. `visit` gets the hash of every entry, 256 at a time.
 */
export async function verifyTree(
  read: ReadObject,
  options: {
    readonly trust: CheckpointTrust;
    readonly verify: VerifyEd25519;
    readonly visit: (firstIndex: number, leaves: readonly Uint8Array[]) => Promise<void>;
  },
): Promise<LogVerification> {
  const findings: LogFinding[] = [];
  const found = (code: LogFinding["code"], path: string, sentence: string) =>
    void findings.push({ code, path, sentence });
  const head = await read(checkpointPath);
  if (head === undefined) {
    found("checkpoint-missing", checkpointPath, "There is no checkpoint.");
    return { findings };
  }
  const check = await checkCheckpoint(head, options.trust, options.verify);
  if (check.status === "rejected") {
    found("checkpoint-rejected", checkpointPath, check.why);
    return { findings };
  }
  const { checkpoint } = check;
  const verified: LogVerification = { findings, checkpoint, ...(check.at === undefined ? {} : { at: check.at }) };
  const tree = rebuildTree({
    start: emptyRange,
    openAbove: [],
    read,
    partials: new Map(),
    report: (one) => findings.push(one),
  });
  let range = emptyRange;
  for (let index = 0; index * tileWidth < checkpoint.size; index += 1) {
    const width = widthAt(0, index, checkpoint.size);
    const path = tilePath(0, index, width);
    const tile = await read(path);
    if (tile?.length !== width * hashLength) {
      found("tile-missing", path, `The tile ${path} is missing or of another length.`);
      return verified;
    }
    const leaves = splitHashes(tile);
    await tree.addBundle(leaves);
    range = appendToRange(range, leaves);
    await options.visit(index * tileWidth, leaves);
  }
  await tree.finish();
  if (!equalBytes(rangeRoot(range), checkpoint.root)) {
    found("root-mismatch", checkpointPath, "The tiles do not make the tree that the checkpoint signs for.");
  }
  return verified;
}
