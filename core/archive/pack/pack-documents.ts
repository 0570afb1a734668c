import { hex } from "../../encoding/bytes.ts";
import type { Sha256 } from "../../encoding/sha256.ts";
import { type PackSource, readWholeHashed } from "../zip/pack-source.ts";
import type { Found } from "./compare-view.ts";
import { indexedRecord } from "./log-entries.ts";
import type { PackFindingCode } from "./pack-findings.ts";
import { blobPath, recordPath } from "./pack-layout.ts";
import type { PromotionRecord, ReadDocument } from "./promotion-file.ts";

/** Documents that were read and hashed; the same bytes for the same digest, for as long as they are kept. */
export interface DocumentCache {
  get(sha256: Sha256): Uint8Array | undefined;
  /** Takes a document that was just read. */
  offer(sha256: Sha256, bytes: Uint8Array): void;
}

/**
 * Keeps documents that were read twice within a while, `most` bytes of them: policies, evidence and key sets are the
 * same for many promotions, and most others are never asked for again.
 */
export function documentCache(most = 16 * 1024 * 1024): DocumentCache {
  // Two generations each: what is asked for moves to the young one, and the old one goes as a whole.
  let [young, old] = [new Map<Sha256, Uint8Array>(), new Map<Sha256, Uint8Array>()];
  let [seen, seenBefore] = [new Set<Sha256>(), new Set<Sha256>()];
  let youngBytes = 0;
  const keep = (sha256: Sha256, bytes: Uint8Array): void => {
    if (youngBytes + bytes.length > most / 2) {
      [young, old] = [new Map(), young];
      youngBytes = 0;
    }
    young.set(sha256, bytes);
    youngBytes += bytes.length;
  };
  return {
    get: (sha256) => {
      const known = young.get(sha256);
      if (known !== undefined) return known;
      const bytes = old.get(sha256);
      if (bytes !== undefined) keep(sha256, bytes);
      return bytes;
    },
    offer: (sha256, bytes) => {
      if (bytes.length > most / 2) return;
      if (seen.has(sha256) || seenBefore.has(sha256)) {
        // A view would keep the larger piece alive that it was read with.
        keep(sha256, bytes.slice());
        return;
      }
      if (seen.size >= mostSeen) [seen, seenBefore] = [new Set(), seen];
      seen.add(sha256);
    },
  };
}

const mostSeen = 4096;

/** Documents by digest, each held against it; what is wrong with one is told once. They are kept until this is done with. */
export function documents(
  source: PackSource,
  leftOut: ReadonlySet<Sha256>,
  found: Found,
  cache: DocumentCache = documentCache(),
): ReadDocument {
  const told = new Set<Sha256>();
  const own = new Map<Sha256, Uint8Array>();
  const pieces = new Set<ArrayBufferLike>();
  let ownBytes = 0;
  const tell = (code: PackFindingCode, sha256: Sha256, sentence: string): undefined => {
    if (!told.has(sha256)) found(code, blobPath(sha256), sentence);
    told.add(sha256);
  };
  const load = async (sha256: Sha256): Promise<Uint8Array | undefined> => {
    const file = await readWholeHashed(source, blobPath(sha256));
    if (file === undefined) {
      return leftOut.has(sha256)
        ? undefined
        : tell("document-missing", sha256, `The document ${sha256} is not in the pack.`);
    }
    if (hex(file.sha256) !== sha256) {
      return tell("document-changed", sha256, `${blobPath(sha256)} does not have the digest that it is named by.`);
    }
    cache.offer(sha256, file.bytes);
    return file.bytes;
  };
  return async (sha256) => {
    const known = own.get(sha256) ?? cache.get(sha256);
    if (known !== undefined) return known;
    const bytes = await load(sha256);
    if (bytes !== undefined && ownBytes + bytes.length <= mostOwn) {
      // Views keep alive what they were read with, which whoever made the pack could scatter.
      if (pieces.size < mostPieces) pieces.add(bytes.buffer);
      own.set(sha256, pieces.has(bytes.buffer) ? bytes : bytes.slice());
      ownBytes += bytes.length;
    }
    return bytes;
  };
}

/** Of one promotion's documents so many bytes are kept while it is looked at; what is beyond is read again. */
const mostOwn = 8 * 1024 * 1024;
const mostPieces = 16;

/** The records with these indices, those left out that cannot be read as one. */
export async function recordsAt(indices: readonly number[], source: PackSource): Promise<readonly PromotionRecord[]> {
  const records: PromotionRecord[] = [];
  for (const index of indices) {
    const { record } = indexedRecord(index, (await source.read(recordPath(index))) ?? new Uint8Array());
    if (record !== undefined) records.push({ index, record });
  }
  return records;
}
