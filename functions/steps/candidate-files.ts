import type { Sha256 } from "../../core/encoding/sha256.ts";
import { sha256Hex } from "../../core/encoding/sha256.ts";
import type { FrozenEvidence } from "../../core/promotion/freeze-manifest.ts";
import type { Promotion } from "../../core/promotion/promotion.ts";

/** What the gates judge: the bytes of the evidence, and what the bytes of every file hash to. */
export interface CandidateBytes {
  readonly computedDigests: ReadonlyMap<string, Sha256>;
  readonly evidence: ReadonlyMap<string, Uint8Array>;
}

/**
 * Reads the evidence back from the ledger bucket, `added` beside that of the manifest. Artifacts were hashed when they
 * were frozen, under keys that hold their digest, and are hashed again before the verdict; they are not read here.
 */
export async function candidateFiles(
  promotion: Promotion,
  blobs: { get(sha256: Sha256): Promise<Uint8Array> },
  added: readonly FrozenEvidence[] = [],
): Promise<CandidateBytes> {
  const evidence = new Map<string, Uint8Array>();
  const computedDigests = new Map<string, Sha256>();
  for (const copy of promotion.frozen ?? []) {
    const digest = /^frozen\/([0-9a-f]{64})\//.exec(copy.key)?.[1];
    if (digest !== undefined) computedDigests.set(copy.name, digest as Sha256);
  }
  for (const { name, sha256 } of [...promotion.manifest.evidence, ...added]) {
    const bytes = await blobs.get(sha256);
    evidence.set(name, bytes);
    computedDigests.set(name, sha256Hex(bytes));
  }
  return { computedDigests, evidence };
}
