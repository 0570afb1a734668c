import type { Requirements } from "../../core/approval/requirements.ts";
import type { SignOffContext } from "../../core/attestation/sign-off-statement.ts";
import { canonicalJson, canonicalJsonBytes } from "../../core/encoding/canonical-json.ts";
import { sha256Hex } from "../../core/encoding/sha256.ts";
import { Failure } from "../../core/failure.ts";
import { type FreezeManifest, freezeDigest } from "../../core/promotion/freeze-manifest.ts";
import { type PromotionId, promotionId } from "../../core/promotion/promotion-id.ts";
import type { ShownPromotion } from "../service/answers.ts";

/** What a decision is about, with the documents that its digests were taken over. */
export interface DerivedContext {
  readonly context: SignOffContext;
  readonly requirements: Requirements;
}

/**
 * What a sign-off of this promotion must say, computed here from the documents that are shown: nobody has to believe
 * the service that what they read is what they sign. Throws `not-in-review` where no decision is taken, and
 * `statement-mismatch` where the service wants something else signed than it shows.
 */
export function derivedContext(id: PromotionId, promotion: ShownPromotion, attestationBase: string): DerivedContext {
  const { signOffContext: asked, summary } = promotion;
  if (asked === undefined || summary === undefined) {
    throw new Failure("not-in-review", `The promotion is ${promotion.status}; it takes no decision at the moment.`);
  }
  const manifest = promotion.manifest as unknown as FreezeManifest;
  const requirements = promotion.requirements.document as unknown as Requirements;
  const digest = freezeDigest(manifest);
  const stage = requirements.rule.stages[asked.stage.index];
  const context: SignOffContext = {
    attestationBase,
    freezeDigest: digest,
    promotion: id,
    model: manifest.model,
    target: manifest.target,
    // Which of several reviews this is, only the service knows; it holds for the one that is open.
    review: asked.review,
    stage: { index: asked.stage.index, name: stage?.name ?? "" },
    requirements: sha256Hex(canonicalJsonBytes(requirements)),
    shown: sha256Hex(canonicalJsonBytes(summary.document)),
  };
  const differing = Object.entries(context).flatMap(([part, value]) =>
    canonicalJson(value) === canonicalJson(asked[part] ?? null) ? [] : [part],
  );
  if (promotionId(digest, promotion.attempt) !== id) differing.push("promotion");
  if (differing.length > 0) {
    throw new Failure(
      "statement-mismatch",
      `The service shows something else than it asks you to sign (${[...new Set(differing)].join(", ")}). Do not sign; tell those who run it.`,
    );
  }
  return { context, requirements };
}
