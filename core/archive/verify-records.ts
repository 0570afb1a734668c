import { equalBytes, hex } from "../encoding/bytes.ts";
import { Failure } from "../failure.ts";
import { type CheckpointTrust, checkCheckpoint } from "../ledger/checkpoint.ts";
import type { LogFindingCode } from "../ledger/log-findings.ts";
import { hashLength, splitHashes } from "../ledger/merkle.ts";
import type { VerifyEd25519 } from "../ledger/note-key.ts";
import { checkpointPath } from "../ledger/tiles.ts";
import { parseTlogProof, whyNotShown } from "../ledger/tlog-proof.ts";
import type { LogVerification } from "../ledger/verify-log.ts";
import type { PromotionId } from "../promotion/promotion-id.ts";
import { whyNewer } from "./documents/read-record.ts";
import type { InspectedRecords } from "./inspected-records.ts";
import type { PackFinding, PackFindingCode } from "./pack/pack-findings.ts";
import { logPath, manifestPath, proofPath, recordPath } from "./pack/pack-layout.ts";
import type { PersonalRecord } from "./pack/pack-manifest.ts";
import { verifyTree } from "./verify-tree.ts";
import { type PackSource, readWhole } from "./zip/pack-source.ts";

/** What the log of a pack came to. */
export interface RecordsVerification extends Pick<LogVerification, "checkpoint" | "at" | "kept"> {
  readonly findings: readonly PackFinding[];
  /** Indices of all records in the pack, ascending. */
  readonly indices: readonly number[];
  readonly byPromotion: ReadonlyMap<PromotionId, readonly number[]>;
  /** Indices of the records that tell what the installation is, ascending. */
  readonly installationRecords: readonly number[];
  /** Indices of the records about the service's keys, ascending. */
  readonly keyRecords: readonly number[];
  readonly passkeyRecords: readonly number[];
  readonly delegationRecords: readonly number[];
}

export interface RecordsOptions {
  readonly trust: CheckpointTrust;
  readonly verify: VerifyEd25519;
  /** The pack holds the whole log, so every entry must be a record of it. */
  readonly whole: boolean;
  /** It is of everything: each entry is a record of it, or said to be left out. */
  readonly everything: boolean;
  /** Records that the pack says were left out, and their leaf hashes. */
  readonly leftOut: readonly PersonalRecord[];
  /** It holds every entry from this one on, and others by their proofs alone. */
  readonly since?: number;
}

/** Verifies the log, and that each record of the pack, as it was inspected, is the log's entry of its number. */
export async function verifyRecords(
  source: PackSource,
  inspected: InspectedRecords,
  options: RecordsOptions,
): Promise<RecordsVerification> {
  const findings: PackFinding[] = [];
  const { indices, byPromotion, leaves } = inspected;
  const { installationRecords, keyRecords, passkeyRecords, delegationRecords } = inspected;
  const found = (code: PackFindingCode, path: string, sentence: string, promotion?: PromotionId) =>
    void findings.push({ code, path, sentence, ...(promotion === undefined ? {} : { promotion }) });
  const read = (path: string) => readWhole(source, logPath(path));
  const { trust, verify } = options;

  // Entries come in rising order, and so do the records: one place in the list is all that needs to be known.
  let place = 0;
  const unproven: number[] = [];
  /** The leaf hash of the record that an entry is, after it was held against the entry's; `undefined` where it is none. */
  const seen = (index: number, leaf: Uint8Array): Uint8Array | undefined => {
    for (let next = indices[place]; next !== undefined && next < index; next = indices[place]) {
      unproven.push(next);
      place += 1;
    }
    if (indices[place] !== index) {
      found("record-missing", recordPath(index), `The record of entry ${index} is missing.`);
      return undefined;
    }
    const own = leaves.subarray(place * hashLength, (place + 1) * hashLength);
    place += 1;
    if (!equalBytes(own, leaf)) {
      const path = recordPath(index);
      found("record-changed", path, `${path} is not the log's entry ${index}.`, inspected.promotionOf(index));
    }
    return own;
  };
  const leftOut = new Map(options.leftOut.map(({ index, leafHash }) => [index, leafHash]));
  const head = options.whole ? undefined : await read(checkpointPath);
  const prove = (index: number, own: Uint8Array) => checkProof(source, index, own, head, found);
  const visit = async (first: number, hashes: readonly Uint8Array[]): Promise<void> => {
    let index = first - 1;
    for (const leaf of hashes) {
      index += 1;
      const isThere = indices[place] === index;
      const without = isThere ? undefined : leftOut.get(index);
      const isLeftOut = without !== undefined && without === hex(leaf);
      if (isLeftOut) leftOut.delete(index);
      const isMissing = options.everything && !isThere && !isLeftOut;
      // Nothing is waited for where the whole log is there: it may have millions of entries.
      if (options.whole || isMissing) seen(index, leaf);
      else if (isThere) {
        const own = seen(index, leaf);
        if (own !== undefined) await prove(index, own);
      }
    }
  };
  const result =
    inspected.log !== undefined
      ? inspected.log.verification
      : options.since === undefined
        ? await verifyTree(read, { trust, verify, visit })
        : await verifyHead(head, options);
  for (const { first, hashes } of inspected.log?.leaves ?? []) await visit(first, splitHashes(hashes));
  if (options.since !== undefined && result.checkpoint !== undefined) {
    // No tile is there to hold them against: each has its proof, and from the earlier head on none may be missing.
    for (const index of indices) {
      if (index >= result.checkpoint.size) break;
      const own = leaves.subarray(place * hashLength, (place + 1) * hashLength);
      place += 1;
      await prove(index, own);
    }
    const there = new Set(indices);
    for (let index = options.since; index < result.checkpoint.size; index += 1) {
      if (!there.has(index)) found("record-missing", recordPath(index), `The record of entry ${index} is missing.`);
    }
  }
  for (const index of leftOut.keys()) {
    found("manifest-differs", manifestPath, `Entry ${index} is not the record that the manifest says was left out.`);
  }
  for (const index of inspected.malformed) {
    const path = recordPath(index);
    const newer = whyNewer((await readWhole(source, path)) ?? new Uint8Array());
    if (newer === undefined) found("record-malformed", path, `Entry ${index} is no record that is known here.`);
    else found("newer-version", path, newer);
  }
  for (const [index, id] of inspected.repeated) {
    found("record-repeated", recordPath(index), `The ledger holds the record '${id}' twice.`);
  }
  findings.push(...result.findings.map(({ code, path, sentence }) => ({ code, path: logPath(path), sentence })));
  // What the log could not be read as far as: still looked at, so that each promotion says what it would say.
  for (const index of [...unproven, ...indices.slice(place)]) {
    found("record-unproven", recordPath(index), `Nothing in the pack proves that ${recordPath(index)} is in the log.`);
  }
  const { checkpoint, at, kept } = result;
  return {
    findings,
    indices,
    byPromotion,
    installationRecords,
    keyRecords,
    passkeyRecords,
    delegationRecords,
    ...(checkpoint === undefined ? {} : { checkpoint }),
    ...(at === undefined ? {} : { at }),
    ...(kept === undefined ? {} : { kept }),
  };
}

/** The log's head alone. */
async function verifyHead(
  head: Uint8Array | undefined,
  { trust, verify }: Pick<RecordsOptions, "trust" | "verify">,
): Promise<LogVerification> {
  const refused = (code: LogFindingCode, sentence: string): LogVerification => ({
    findings: [{ code, path: checkpointPath, sentence }],
  });
  if (head === undefined) return refused("checkpoint-missing", "There is no checkpoint.");
  const check = await checkCheckpoint(head, trust, verify);
  if (check.status === "rejected") return refused("checkpoint-rejected", check.why);
  return { findings: [], checkpoint: check.checkpoint, ...(check.at === undefined ? {} : { at: check.at }) };
}

/** Holds the proof of a record against the pack's own head. */
async function checkProof(
  source: PackSource,
  index: number,
  leaf: Uint8Array,
  head: Uint8Array | undefined,
  found: (code: PackFindingCode, path: string, sentence: string) => void,
): Promise<void> {
  const path = proofPath(index);
  const bytes = await readWhole(source, path);
  const wrong = (sentence: string) => found("record-unproven", path, sentence);
  if (bytes === undefined) {
    wrong(`${path} is missing.`);
    return;
  }
  try {
    const proof = parseTlogProof(bytes);
    // That there is no head is said of the log.
    const why = head === undefined ? undefined : whyNotShown(proof, leaf, head);
    if (proof.index !== index) wrong(`${path} is the proof of entry ${proof.index}.`);
    else if (why !== undefined) wrong(why);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    wrong(error.message);
  }
}
