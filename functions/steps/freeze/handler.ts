import { attachmentOf, type Blob } from "../../../core/attestation/recorded-sign-off.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import type { Sha256 } from "../../../core/encoding/sha256.ts";
import { Failure } from "../../../core/failure.ts";
import { inHashingOrder, largestDocument } from "../../../core/promotion/artifact-sizes.ts";
import { type FrozenFile, freezeManifestBytes, freezeManifestName } from "../../../core/promotion/freeze-manifest.ts";
import { advance } from "../../../core/promotion/life-cycle.ts";
import type { FrozenCopy, Promotion, Source } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { requireDeclared } from "../../../core/promotion/reported-file.ts";
import { blockedBy } from "../blocked-by.ts";
import { type HashingInput, type HashingTime, hashingTime } from "../hashing-time.ts";
import { moveOn, type PromotionMoves, requirePromotion } from "../promotion-store.ts";

export interface FreezePorts {
  readonly now: () => Instant;
  readonly promotions: PromotionMoves;
  readonly artifacts: {
    freeze(file: FrozenFile, source: Source): Promise<FrozenCopy>;
    /** Of another approval, whose copies are there: they stay from now on as long as others. */
    keep(copy: FrozenCopy): Promise<FrozenCopy>;
    readSource(name: string, source: Source, largest: number): Promise<Uint8Array>;
  };
  readonly blobs: {
    get(sha256: Sha256): Promise<Uint8Array>;
    put(bytes: Uint8Array, mediaType: string): Promise<Sha256>;
  };
}

export type FreezeAnswer =
  | { readonly outcome: "frozen" | "blocked" }
  /** Its time is over, and it goes on behind so many artifacts. */
  | { readonly outcome: "freezing"; readonly hashed: number };

/**
 * Freeze the candidate: proves the declared digests against the bytes, and keeps copies that nobody can change. What is
 * approved again was frozen before, and its sources may be gone: the copies and documents of then are taken, and the
 * deployment hashes their bytes once more.
 */
export function freeze(ports: FreezePorts) {
  return async ({ promotionId, hashed = 0, understands = [] }: HashingInput): Promise<FreezeAnswer> => {
    const promotion = await requirePromotion(ports.promotions, promotionId);
    if (promotion.frozen !== undefined) return { outcome: "frozen" };
    try {
      const time = understands.includes("freezing") ? hashingTime(ports.now, hashed) : undefined;
      const copies = await freezeArtifacts(promotion, time);
      const { artifacts } = promotion.manifest;
      if (copies.length < artifacts.length) {
        // Nobody needs the rest where it was withdrawn meanwhile.
        const { status } = await requirePromotion(ports.promotions, promotionId);
        return status === "gating" ? { outcome: "freezing", hashed: copies.length } : { outcome: "blocked" };
      }
      const frozen = artifacts.flatMap(({ name }) => copies.filter((copy) => copy.name === name));
      const documents = await keepDocuments(promotion);
      const after = await moveOn(ports.promotions, promotionId, (current) =>
        current.frozen === undefined && current.status === "gating"
          ? advance(current, { frozen }, freezeFact(current, frozen, documents))
          : undefined,
      );
      // Hashing takes minutes, and whoever withdrew it meanwhile has ended it: there is nothing to judge.
      return { outcome: after.frozen === undefined ? "blocked" : "frozen" };
    } catch (error) {
      if (!(error instanceof Failure) || !isCandidatesFault(error)) throw error;
      await block(promotionId, error);
      return { outcome: "blocked" };
    }
  };

  /** As many as there is time for, in hashing order. */
  async function freezeArtifacts(promotion: Promotion, time: HashingTime | undefined): Promise<readonly FrozenCopy[]> {
    const copies: FrozenCopy[] = [];
    // One after the other: each may be larger than memory, and the function's bandwidth is the limit.
    for (const [at, artifact] of inHashingOrder(promotion.manifest.artifacts).entries()) {
      if (time?.isOver(artifact, at)) return copies;
      const before = promotion.reapproves?.frozen.find(({ name }) => name === artifact.name);
      copies.push(
        before === undefined
          ? await ports.artifacts.freeze(artifact, sourceOf(promotion, artifact.name))
          : await ports.artifacts.keep(before),
      );
    }
    return copies;
  }

  async function keepDocuments(promotion: Promotion): Promise<readonly Blob[]> {
    const manifest: Blob = {
      name: freezeManifestName,
      mediaType: "application/json",
      bytes: freezeManifestBytes(promotion.manifest),
    };
    const documents = [manifest];
    const { artifacts, evidence, target } = promotion.manifest;
    // Whoever reads of policies that were never put in force is told what they were by nothing else.
    for (const file of target.kind === "policy" ? [...artifacts, ...evidence] : evidence) {
      const bytes =
        promotion.reapproves === undefined
          ? await ports.artifacts.readSource(file.name, sourceOf(promotion, file.name), largestDocument)
          : await ports.blobs.get(file.sha256);
      requireDeclared(file, bytes);
      documents.push({ name: file.name, mediaType: file.mediaType, bytes });
    }
    for (const { bytes, mediaType } of documents) await ports.blobs.put(bytes, mediaType);
    return documents;
  }

  function block(id: PromotionId, failure: Failure): Promise<Promotion> {
    return moveOn(ports.promotions, id, (current) =>
      current.status !== "gating" ? undefined : blockedBy(failure, "freeze", current, ports.now()),
    );
  }

  function freezeFact(promotion: Promotion, frozen: readonly FrozenCopy[], documents: readonly Blob[]) {
    return {
      type: "freeze" as const,
      at: ports.now(),
      summary: `${count(frozen.length, "artifact")} and ${count(promotion.manifest.evidence.length, "evidence document")} were hashed and frozen.`,
      body: {
        freezeDigest: promotion.freezeDigest,
        frozen: frozen.map(({ name, key, versionId }) => ({ name, key, versionId })),
      },
      attachments: documents.map(attachmentOf),
    };
  }
}

function sourceOf(promotion: Promotion, name: string): Source {
  const source = Object.hasOwn(promotion.sources, name) ? promotion.sources[name] : undefined;
  if (source === undefined) throw new Failure("artifact-unreachable", `The request does not say where '${name}' is.`);
  return source;
}

function isCandidatesFault(failure: Failure): boolean {
  return (
    failure.code === "digest-mismatch" || failure.code === "artifact-unreachable" || failure.code === "invalid-evidence"
  );
}

function count(number: number, one: string): string {
  return `${number} ${one}${number === 1 ? "" : "s"}`;
}
