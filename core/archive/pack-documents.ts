import { type Sha256, sha256Hex } from "../encoding/sha256.ts";
import type { Found } from "./compare-view.ts";
import { indexedRecord } from "./log-entries.ts";
import type { PackFindingCode } from "./pack-findings.ts";
import { blobPath, recordPath } from "./pack-layout.ts";
import { type PackSource, readWhole } from "./pack-source.ts";
import type { PromotionRecord, ReadDocument } from "./promotion-file.ts";

/** Documents that were read and hashed; the same bytes for the same digest, for as long as they are kept. */
export interface DocumentCache {
  get(sha256: Sha256): Uint8Array | undefined;
  /** Answers the bytes as they are kept. */
  keep(sha256: Sha256, bytes: Uint8Array): Uint8Array;
}

/**
 * Keeps the documents that were read last, `most` bytes of them: policies, evidence and key sets are the same for many
 * promotions.
 */
export function documentCache(most = 32 * 1024 * 1024): DocumentCache {
  const kept = new Map<Sha256, Uint8Array>();
  let bytesKept = 0;
  return {
    get: (sha256) => {
      const bytes = kept.get(sha256);
      if (bytes === undefined) return undefined;
      kept.delete(sha256);
      kept.set(sha256, bytes);
      return bytes;
    },
    keep: (sha256, bytes) => {
      if (bytes.length > most / 2) return bytes;
      // A view would keep the larger piece alive that it was read with.
      const own = bytes.length === bytes.buffer.byteLength ? bytes : bytes.slice();
      kept.set(sha256, own);
      bytesKept += own.length;
      for (const [oldest, { length }] of kept) {
        if (bytesKept <= most) break;
        kept.delete(oldest);
        bytesKept -= length;
      }
      return own;
    },
  };
}

/** Documents by digest, each held against it; what is wrong with one is told once. */
export function documents(
  source: PackSource,
  leftOut: ReadonlySet<Sha256>,
  found: Found,
  cache: DocumentCache = documentCache(),
): ReadDocument {
  const told = new Set<Sha256>();
  const tell = (code: PackFindingCode, sha256: Sha256, sentence: string): undefined => {
    if (!told.has(sha256)) found(code, blobPath(sha256), sentence);
    told.add(sha256);
  };
  return async (sha256) => {
    const kept = cache.get(sha256);
    if (kept !== undefined) return kept;
    const bytes = await readWhole(source, blobPath(sha256));
    if (bytes === undefined) {
      return leftOut.has(sha256)
        ? undefined
        : tell("document-missing", sha256, `The document ${sha256} is not in the pack.`);
    }
    if (sha256Hex(bytes) !== sha256) {
      return tell("document-changed", sha256, `${blobPath(sha256)} does not have the digest that it is named by.`);
    }
    return cache.keep(sha256, bytes);
  };
}

/** The records with these indices, those left out that cannot be read as one. */
export async function recordsAt(indices: readonly number[], source: PackSource): Promise<readonly PromotionRecord[]> {
  const records: PromotionRecord[] = [];
  for (const index of indices) {
    const { record } = indexedRecord(index, (await source.read(recordPath(index))) ?? new Uint8Array());
    if (record !== undefined) records.push({ index, record });
  }
  return records;
}
