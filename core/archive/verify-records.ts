import { equalBytes } from "../encoding/bytes.ts";
import { Failure } from "../failure.ts";
import type { CheckpointTrust } from "../ledger/checkpoint.ts";
import { leafHash } from "../ledger/merkle.ts";
import type { VerifyEd25519 } from "../ledger/note-key.ts";
import { checkTlogProof, parseTlogProof } from "../ledger/tlog-proof.ts";
import { type LogVerification, verifyLog } from "../ledger/verify-log.ts";
import type { PromotionId } from "../promotion/promotion-id.ts";
import { indexedRecord } from "./log-entries.ts";
import type { PackFinding, PackFindingCode } from "./pack-findings.ts";
import { logFolder, logPath, proofPath, recordIndex, recordPath } from "./pack-layout.ts";
import { type PackSource, readWhole } from "./pack-source.ts";
import type { IndexedRecord } from "./records-table.ts";
import { verifyTree } from "./verify-tree.ts";

/** What the log of a pack came to. */
export interface RecordsVerification extends Pick<LogVerification, "checkpoint" | "at"> {
  readonly findings: readonly PackFinding[];
  /** Indices of all records in the pack, ascending. */
  readonly indices: readonly number[];
  readonly byPromotion: ReadonlyMap<PromotionId, readonly number[]>;
  /** Indices of the records about the service's keys, ascending. */
  readonly keyRecords: readonly number[];
}

export interface RecordsOptions {
  readonly trust: CheckpointTrust;
  readonly verify: VerifyEd25519;
  /** The pack holds the whole log, so every entry must be a record of it. */
  readonly whole: boolean;
}

/** Verifies the log, and that each record of the pack is the log's entry of its number. */
export async function verifyRecords(source: PackSource, options: RecordsOptions): Promise<RecordsVerification> {
  const findings: PackFinding[] = [];
  const byPromotion = new Map<PromotionId, number[]>();
  const keyRecords: number[] = [];
  const installation = new Set<string>();
  const indices = source.names.flatMap((name) => recordIndex(name) ?? []).sort((a, b) => a - b);
  const waiting = new Set(indices);
  const found = (code: PackFindingCode, path: string, sentence: string, promotion?: PromotionId) =>
    void findings.push({ code, path, sentence, ...(promotion === undefined ? {} : { promotion }) });
  const log = { paths: source.names.flatMap(logObject), read: (path: string) => readWhole(source, logPath(path)) };
  const { trust, verify } = options;

  const seen = async (index: number, isEntry: (bytes: Uint8Array) => boolean): Promise<void> => {
    const path = recordPath(index);
    waiting.delete(index);
    const bytes = await readWhole(source, path);
    if (bytes === undefined) {
      found("record-missing", path, `The record of entry ${index} is missing.`);
      return;
    }
    const { record } = indexedRecord(index, bytes);
    if (!isEntry(bytes)) found("record-changed", path, `${path} is not the log's entry ${index}.`, record?.promotion);
    noteRecord({ index, bytes, record });
  };
  const noteRecord = ({ index, record }: IndexedRecord): void => {
    if (record === undefined) {
      found("record-malformed", recordPath(index), `Entry ${index} is no record that is known here.`);
      return;
    }
    const { promotion, id } = record;
    if (promotion === undefined) {
      if (record.type === "key") keyRecords.push(index);
      if (installation.has(id))
        found("record-repeated", recordPath(index), `The ledger holds the record '${id}' twice.`);
      installation.add(id);
      return;
    }
    const known = byPromotion.get(promotion);
    if (known === undefined) byPromotion.set(promotion, [index]);
    else known.push(index);
  };

  const result = options.whole
    ? await verifyLog(log, {
        trust,
        verify,
        visit: async (first, entries) => {
          for (const [at, entry] of entries.entries()) await seen(first + at, (bytes) => equalBytes(bytes, entry));
        },
      })
    : await verifyTree(log.read, {
        trust,
        verify,
        visit: async (first, leaves) => {
          for (const [at, leaf] of leaves.entries()) {
            const index = first + at;
            if (!waiting.has(index)) continue;
            await seen(index, (bytes) => equalBytes(leafHash(bytes), leaf));
            await checkProof(source, index, options, found);
          }
        },
      });
  findings.push(...result.findings.map(({ code, path, sentence }) => ({ code, path: logPath(path), sentence })));
  // What the log could not be read as far as: still looked at, so that each promotion says what it would say.
  for (const index of [...waiting].sort((a, b) => a - b)) {
    found("record-unproven", recordPath(index), `Nothing in the pack proves that ${recordPath(index)} is in the log.`);
    const bytes = await readWhole(source, recordPath(index));
    if (bytes !== undefined) noteRecord(indexedRecord(index, bytes));
  }
  const { checkpoint, at } = result;
  return {
    findings,
    indices,
    byPromotion,
    keyRecords,
    ...(checkpoint === undefined ? {} : { checkpoint }),
    ...(at === undefined ? {} : { at }),
  };
}

async function checkProof(
  source: PackSource,
  index: number,
  { trust, verify }: RecordsOptions,
  found: (code: PackFindingCode, path: string, sentence: string) => void,
): Promise<void> {
  const path = proofPath(index);
  const [proof, record] = [await readWhole(source, path), await readWhole(source, recordPath(index))];
  if (proof === undefined || record === undefined) {
    found("record-unproven", path, `${path} is missing.`);
    return;
  }
  try {
    const parsed = parseTlogProof(proof);
    const check = await checkTlogProof(parsed, leafHash(record), trust, verify);
    if (parsed.index !== index) found("record-unproven", path, `${path} is the proof of entry ${parsed.index}.`);
    else if (check.status === "rejected") found("record-unproven", path, check.why);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    found("record-unproven", path, error.message);
  }
}

function logObject(name: string): readonly string[] {
  return name.startsWith(logFolder) ? [name.slice(logFolder.length)] : [];
}
