import { policyModelType, policyTarget } from "../approval/matrix.ts";
import { requirementsInForce } from "../approval/promotion-approval.ts";
import { cutText } from "../encoding/cut-text.ts";
import type { Instant } from "../encoding/instant.ts";
import { type Sha256, sha256Hex } from "../encoding/sha256.ts";
import { type FreezeManifest, freezeDigest } from "../promotion/freeze-manifest.ts";
import type { Identity } from "../promotion/identity.ts";
import type { Promotion, Source } from "../promotion/promotion.ts";
import type { PromotionId } from "../promotion/promotion-id.ts";
import type { Policies } from "./load-policies.ts";
import { policyDocuments, policyFileName } from "./policy-bundle.ts";
import { policyCheckName } from "./policy-check-document.ts";

/** The candidate that proposed policies are: their documents, `policies.json` first, the check of them, and whoever asks. */
export function policyManifest(
  proposed: Policies,
  check: Uint8Array,
  { requester, title }: { readonly requester: Identity; readonly title: string },
): FreezeManifest {
  return {
    manifestVersion: 1,
    model: { name: policyModelType, type: policyModelType, version: title },
    target: {
      name: policyTarget,
      kind: "policy",
      endpoint: "in-force",
    },
    artifacts: policyDocuments(proposed.bundle).map(({ name, mediaType, bytes }) => ({
      role: "policy",
      name,
      mediaType,
      size: bytes.byteLength,
      sha256: sha256Hex(bytes),
    })),
    evidence: [
      {
        kind: "policy-check",
        format: "plain",
        name: policyCheckName,
        mediaType: "application/json",
        size: check.byteLength,
        sha256: sha256Hex(check),
      },
    ],
    requester,
    lineage: { trainedBy: [], codeAuthors: [], dataOwners: [], infrastructureAuthors: [] },
  };
}

/** Which version a change of the policies proposes; `undefined` of any other candidate. */
export function versionProposed({ artifacts }: Pick<FreezeManifest, "artifacts">): Sha256 | undefined {
  return artifacts.find(({ name, role }) => role === "policy" && name === policyFileName)?.sha256;
}

/** What becomes of an open promotion once other policies are in force; `undefined` where nothing does. */
export interface PolicyEffect {
  readonly promotion: PromotionId;
  readonly sentence: string;
}

/** What proposed policies would do to promotions that are open now. */
export function effectsOn(promotions: readonly Promotion[], proposed: Policies): readonly PolicyEffect[] {
  return promotions.flatMap((promotion) => {
    const { name, version } = promotion.manifest.model;
    const inForce = requirementsInForce(proposed, promotion);
    if (inForce.kind === "none")
      return [{ promotion: promotion.id, sentence: `${name} ${version} would be blocked: ${inForce.why.message}` }];
    if (inForce.requirements.sha256 === promotion.requirements.sha256) return [];
    if (promotion.status === "loaned")
      return [{ promotion: promotion.id, sentence: `${name} ${version} runs on loan, and could not be ratified.` }];
    return [{ promotion: promotion.id, sentence: `${name} ${version} would go back to its gates.` }];
  });
}

/** An entry of the ledger has 65,535 bytes at most; whoever proposes is answered them all. */
const mostEffectsTold = 200;
const longestEffect = 160;

/** The promotion of a change of the policies, as it begins. */
export function policyPromotion(asked: {
  readonly id: PromotionId;
  readonly attempt: number;
  readonly manifest: FreezeManifest;
  readonly sources: Readonly<Record<string, Source>>;
  readonly former: Sha256;
  readonly at: Instant;
  readonly expiresAt: Instant;
  readonly requirements: Sha256;
  readonly proposer: string;
  readonly changes: number;
  readonly effects: readonly PolicyEffect[];
  /** How many more promotions are open than were looked at. */
  readonly notLookedAt?: number;
}): Promotion {
  const { id, attempt, manifest, sources, former, at, expiresAt, requirements, proposer, effects } = asked;
  const { notLookedAt = 0 } = asked;
  const { model, target, requester } = manifest;
  const digest = freezeDigest(manifest);
  const unknown = notLookedAt === 0 ? [] : [`${notLookedAt} more are open, and were not looked at.`];
  const would = [
    ...unknown,
    ...(effects.length === 0
      ? [`No open promotion${notLookedAt === 0 ? "" : " that was looked at"} would be judged otherwise.`]
      : effects.map(({ sentence }) => sentence)),
  ].join(" ");
  return {
    id,
    attempt,
    revision: 2,
    status: "gating",
    freezeDigest: digest,
    manifest,
    sources,
    submittedAt: at,
    expiresAt,
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
        summary: `${proposer} asked to put other policies in force: ${model.version}.`,
        body: {
          model: { ...model },
          target: target.name,
          freezeDigest: digest,
          requester: { ...requester },
          expiresAt,
          requirements,
          release: "update",
        },
        attachments: [],
      },
      {
        id: `${id}/1`,
        type: "policy-proposed",
        at,
        promotion: id,
        summary: cutText(`${asked.changes} changes of the policies are proposed. ${would}`, 4000),
        body: {
          former,
          proposed: versionProposed(manifest) ?? "",
          effects: effects
            .slice(0, mostEffectsTold)
            .map(({ promotion, sentence }) => ({ promotion, sentence: sentence.slice(0, longestEffect) })),
        },
        attachments: [],
      },
    ],
  };
}
