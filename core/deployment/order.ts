import type { Envelope, VerifyingKey, VerifySignature } from "../attestation/dsse.ts";
import { requireVerdict } from "../attestation/verdict.ts";
import type { Instant } from "../encoding/instant.ts";
import type { Sha256 } from "../encoding/sha256.ts";
import { Failure } from "../failure.ts";
import { freezeDigest } from "../promotion/freeze-manifest.ts";
import type { Promotion, ServedCandidate } from "../promotion/promotion.ts";
import type { PromotionId } from "../promotion/promotion-id.ts";
import type { ConditionsInForce } from "../promotion/release-conditions.ts";
import type { StagedAt } from "../promotion/staged.ts";
import type { Target } from "../promotion/target.ts";

/** What is to run, and where. */
export interface Order extends ServedCandidate {
  readonly promotion: PromotionId;
  readonly target: Target;
  /** When what is staged for it was made: what is there now is not that, where it was made anew. */
  readonly staged?: StagedAt;
  /** Where that was not kept yet, when its deployment began: what was made later was made anew. */
  readonly stagedBefore?: Instant;
  /** It drifted, and people have not looked again: what serves may serve on, and nothing says elsewhere that it is approved. */
  readonly restricted?: true;
  /** It was deployed before, and since then is put back in the place of what should not run. */
  readonly putBackSince?: Instant;
}

declare const approvedBrand: unique symbol;

/** An order that a verdict allows. `approve` alone makes one, so that nothing can be started that was not held against its verdict. */
export type ApprovedOrder = Order & {
  readonly verdict: Sha256;
  /** What the verdict asks of the release. */
  readonly conditions?: ConditionsInForce;
  readonly [approvedBrand]: true;
};

/**
 * Holds the promotion's verdict against the order. Throws `verdict-invalid`, `verdict-expired` or `signature-invalid`.
 */
export function approve(
  order: Order,
  promotion: Promotion,
  given: {
    readonly verdict: Envelope;
    readonly attestationBase: string;
    /** It was deployed under its verdict before, and may serve again: then the verdict's age does not matter. */
    readonly standing?: boolean;
    readonly now: Instant;
    readonly keys: readonly VerifyingKey[];
    readonly verify: VerifySignature;
  },
): ApprovedOrder {
  const verdict = verdictOver(promotion);
  if (verdict === undefined) throw new Failure("verdict-invalid", "The promotion has no verdict.");
  requireSignedManifest(promotion);
  const { attestationBase, standing = false, now, keys, verify } = given;
  const { predicate } = requireVerdict(given.verdict, {
    attestationBase,
    freezeDigest: promotion.freezeDigest,
    target: order.target,
    requirements: promotion.requirements.sha256,
    loan: promotion.status === "loaned",
    standing,
    now,
    keys,
    verify,
  });
  const { countersignConditions: conditions } = predicate;
  return {
    ...order,
    verdict: verdict.sha256,
    ...(conditions === undefined ? {} : { conditions }),
  } as ApprovedOrder;
}

/** The verdict under which a promotion may run: the loan's while it is lent, else its quorum's. */
export function verdictOver({
  status,
  loan,
  verdict,
}: Promotion): { readonly sha256: Sha256; readonly at: Instant } | undefined {
  return status === "loaned" ? loan?.verdict : verdict;
}

/**
 * What is ordered, and how it is released, comes from the manifest, and a verdict names its digest alone: throws
 * `verdict-invalid` unless they belong together.
 */
export function requireSignedManifest({
  manifest,
  freezeDigest: signed,
}: Pick<Promotion, "manifest" | "freezeDigest">): void {
  if (freezeDigest(manifest) !== signed)
    throw new Failure("verdict-invalid", "What is to be deployed is not the manifest that was signed.");
}
