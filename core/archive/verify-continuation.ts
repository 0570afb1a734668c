import { equalBytes, fromHex, hex } from "../encoding/bytes.ts";
import { type Instant, instantFromMs } from "../encoding/instant.ts";
import { Failure } from "../failure.ts";
import { type Checkpoint, type CheckpointTrust, checkCheckpoint, parseCheckpoint } from "../ledger/checkpoint.ts";
import { rangeRoot } from "../ledger/merkle.ts";
import { verifyConsistency } from "../ledger/merkle-proofs.ts";
import { cosignatureTime, type VerifyEd25519 } from "../ledger/note-key.ts";
import { proveFromTiles } from "../ledger/tile-proofs.ts";
import { checkpointPath } from "../ledger/tiles.ts";
import { shrunkSentence } from "../ledger/verify-log.ts";
import { parseAddCheckpoint } from "../ledger/witness-request.ts";
import type { PackFinding } from "./pack/pack-findings.ts";
import { logPath, manifestPath, sinceProofPath } from "./pack/pack-layout.ts";
import type { PackManifest } from "./pack/pack-manifest.ts";
import { type PackSource, readWhole } from "./zip/pack-source.ts";

/** What a reader has verified before: a checkpoint of this log, as they kept it. */
export interface EarlierHead {
  readonly bytes: Uint8Array;
  readonly checkpoint: Checkpoint;
}

/** A log as it was verified before. */
export interface VerifiedBefore {
  readonly size: number;
  /** As late as it went on, where its head says so. */
  readonly goesTo?: Instant;
}

/** How far the log was verified before: until the earliest time that its head was signed at. */
export function verifiedBefore(earlier: EarlierHead | undefined): VerifiedBefore | undefined {
  if (earlier === undefined) return undefined;
  const { size } = earlier.checkpoint;
  const times = parseCheckpoint(earlier.bytes).note.signatures.flatMap(
    ({ signature }) => cosignatureTime(signature) ?? [],
  );
  return times.length === 0 ? { size } : { size, goesTo: instantFromMs(Math.min(...times) * 1000) };
}

/**
 * What is wrong with a log that should go on from an earlier head: the head is not the log's, or the log does not begin
 * with what it stands for. Shown by the proof in a pack that holds only what came since, by the tiles in every other.
 */
export async function verifyContinuation(
  source: PackSource,
  head: Checkpoint,
  { scope }: PackManifest,
  options: {
    readonly earlier: EarlierHead | undefined;
    readonly trust: CheckpointTrust;
    readonly verify: VerifyEd25519;
  },
): Promise<readonly PackFinding[]> {
  const { earlier, trust, verify } = options;
  const wrong = (path: string, sentence: string): readonly PackFinding[] => [
    { code: "earlier-mismatch", path, sentence },
  ];
  if (earlier !== undefined) {
    const check = await checkCheckpoint(earlier.bytes, { ...trust, witnessesNeeded: 0 }, verify);
    if (check.status === "rejected")
      return wrong(logPath(checkpointPath), `The earlier checkpoint is not this log's: ${check.why}`);
    const { size } = earlier.checkpoint;
    if (size > head.size) {
      return wrong(logPath(checkpointPath), shrunkSentence(size, head.size));
    }
    if (scope.kind === "since" && (scope.size !== size || scope.root !== hex(earlier.checkpoint.root))) {
      const sentence = `The pack goes on from another checkpoint, of ${scope.size} entries, than the one that was given, of ${size}.`;
      return wrong(manifestPath, sentence);
    }
  }
  try {
    if (scope.kind === "since") {
      const bytes = await readWhole(source, sinceProofPath);
      if (bytes === undefined) return wrong(sinceProofPath, `${sinceProofPath} is missing.`);
      const { oldSize, proof, checkpoint } = parseAddCheckpoint(bytes);
      const own = await readWhole(source, logPath(checkpointPath));
      if (own === undefined || !equalBytes(checkpoint, own)) {
        return wrong(sinceProofPath, `${sinceProofPath} leads to another checkpoint than the pack's.`);
      }
      const old = { oldSize: scope.size, oldRoot: fromHex(scope.root) };
      const { size, root } = head;
      return oldSize === scope.size && verifyConsistency({ ...old, size, root, proof })
        ? []
        : wrong(sinceProofPath, `The first ${scope.size} entries are not those of the earlier checkpoint.`);
    }
    if (earlier === undefined) return [];
    const { size, root } = earlier.checkpoint;
    const prover = proveFromTiles(head.size, (path) => readWhole(source, logPath(path)));
    if (equalBytes(rangeRoot(await prover.range(size)), root)) return [];
    return wrong(logPath(checkpointPath), `The first ${size} entries are not those of the earlier checkpoint.`);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return wrong(scope.kind === "since" ? sinceProofPath : logPath(checkpointPath), error.message);
  }
}
