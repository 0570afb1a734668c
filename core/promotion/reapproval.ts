import type { Json } from "../encoding/canonical-json.ts";
import type { Instant } from "../encoding/instant.ts";
import type { Sha256 } from "../encoding/sha256.ts";
import { Failure } from "../failure.ts";
import { type FreezeManifest, type FrozenEvidence, freezeDigest, inManifestOrder } from "./freeze-manifest.ts";
import type { Author } from "./identity.ts";
import type { Promotion } from "./promotion.ts";
import type { PromotionId } from "./promotion-id.ts";

/**
 * The same candidate with what a monitor found as one more document: another freeze digest, so that nobody's earlier
 * signature covers it, and everybody who signs now signs having been shown the report.
 */
export function withDrift(manifest: FreezeManifest, evidence: FrozenEvidence): FreezeManifest {
  const others = manifest.evidence.filter(({ name }) => name !== evidence.name);
  return inManifestOrder({ ...manifest, evidence: [...others, evidence] });
}

/** The promotion that asks to let what runs, and is restricted, run on. Its bytes are those that were frozen before. */
export function reapprovalOf(
  running: Promotion,
  asked: { readonly id: PromotionId; readonly at: Instant; readonly expiresAt: Instant; readonly requirements: Sha256 },
): Promotion {
  const { restriction, frozen, startedBy } = running;
  if (restriction === undefined || frozen === undefined)
    throw new Failure("conflict", "Only what is restricted, and was frozen, can be approved again.");
  const { id, at, expiresAt, requirements } = asked;
  const manifest = withDrift(running.manifest, restriction.evidence);
  const digest = freezeDigest(manifest);
  const { model, target, requester } = manifest;
  return {
    id,
    attempt: Number(id.slice(id.lastIndexOf("-") + 1)),
    revision: 1,
    status: "gating",
    freezeDigest: digest,
    manifest,
    sources: {},
    reapproves: { promotion: running.id, frozen },
    submittedAt: at,
    expiresAt,
    ...(startedBy === undefined ? {} : { startedBy }),
    requirements: { sha256: requirements },
    facts: { release: "update" },
    review: 1,
    settled: [],
    invalidated: [],
    history: [
      {
        id: `${id}/0`,
        type: "request",
        at,
        promotion: id,
        summary: `${model.name} ${model.version} drifted in ${target.name}; whether it may run on has to be approved again.`,
        body: {
          model: { ...model },
          target: target.name,
          freezeDigest: digest,
          requester: { ...requester },
          expiresAt,
          requirements,
          release: "update",
          reapproves: running.id,
          ...(startedBy === undefined ? {} : { startedBy: authorJson(startedBy) }),
        },
        attachments: [],
      },
    ],
  };
}

/** An author in a record. */
export function authorJson(author: Author): Json {
  if ("address" in author) return { address: author.address };
  if ("account" in author) return { account: { ...author.account } };
  return { identity: { ...author.identity } };
}
