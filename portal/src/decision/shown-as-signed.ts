import { canonicalJsonBytes } from "../../../core/encoding/canonical-json.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import { freezeDigest } from "../../../core/promotion/freeze-manifest.ts";
import type { ShownPromotion } from "../api/contract.ts";

/** What a digest in the statement stands for. */
export type SignedPart = "manifest" | "summary" | "requirements";

/**
 * The parts of the page whose bytes are not those that a sign-off would name: computed here, so that nobody has to
 * believe that what they read is what they sign. Empty where all is well.
 */
export function notAsSigned(promotion: ShownPromotion): readonly SignedPart[] {
  const { signOffContext: context, manifest, summary, requirements } = promotion;
  if (context === undefined) return [];
  const shown: readonly (readonly [SignedPart, string | undefined, string])[] = [
    ["manifest", freezeDigest(manifest), context.freezeDigest],
    ["summary", summary && sha256Hex(canonicalJsonBytes(summary.document)), context.shown],
    ["requirements", sha256Hex(canonicalJsonBytes(requirements.document)), context.requirements],
  ];
  return shown.filter(([, computed, signed]) => computed !== signed).map(([part]) => part);
}
