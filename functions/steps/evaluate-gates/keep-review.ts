import { keepInReview } from "../../../core/approval/carry-over.ts";
import { asInReview, keptIsTold, reviewBefore, withReviewKept } from "../../../core/approval/earlier-review.ts";
import { excludedPeople } from "../../../core/approval/exclusions.ts";
import { type ApprovalPolicy, groupsOf } from "../../../core/approval/promotion-approval.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import type { Sha256 } from "../../../core/encoding/sha256.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { delegationsBehind } from "../../people/delegations.ts";
import { type SignedPorts, signedAbout, withWhoSigned } from "../../people/who-signed.ts";
import { recordedInTime } from "../../recorded-in-time.ts";
import { keptRequirements } from "../../review/kept-requirements.ts";
import { moveOn, type PromotionMoves } from "../promotion-store.ts";

export interface KeepReviewPorts extends SignedPorts {
  readonly now: () => Instant;
  readonly policy: Pick<ApprovalPolicy, "people">;
  readonly promotions: PromotionMoves & SignedPorts["promotions"];
  readonly directory: { everybody(groups: readonly string[]): Promise<readonly Member[]> };
  readonly blobs: { get(sha256: Sha256): Promise<Uint8Array> };
}

/**
 * Decides which seats a promotion that went back to its gates has open again, once they have passed: only those that
 * judge what changed. May be asked for twice; it is told once.
 */
export function keepReview(ports: KeepReviewPorts) {
  return async (promotion: Promotion): Promise<Promotion> => {
    const before = reviewBefore(promotion);
    const now = asInReview(promotion, promotion.review);
    if (before === undefined || now === undefined || promotion.status !== "gating" || keptIsTold(promotion))
      return promotion;
    const [earlier, requirements] = [
      await keptRequirements(ports.blobs, before.promotion),
      await keptRequirements(ports.blobs, now.promotion),
    ];
    const members = await ports.directory.everybody(groupsOf(requirements));
    const { manifest, startedBy } = promotion;
    const check = async (at: Instant) => {
      // Last of all, since some may have been on their way as the review began and the directory may take long.
      const recorded = await ports.promotions.signOffs(promotion.id);
      const signOffs = recorded.map(({ signOff }) => signOff);
      const people = withWhoSigned(ports.policy.people, await signedAbout(promotion, recorded, ports));
      const { excluded } = excludedPeople({ manifest, startedBy, duties: requirements.rule.excludes, members, people });
      const outcome = keepInReview(
        {
          manifest,
          requirements: earlier,
          beside: before.beside,
          promotion: before.promotion,
        },
        { manifest, requirements, beside: now.beside, review: promotion.review },
        {
          signOffs,
          members,
          people,
          objectors: [],
          excluded,
          delegations: await delegationsBehind(signOffs, ports.delegations),
        },
      );
      return { at, outcome };
    };
    // Whoever verifies takes what was written well before the instant that is told for read.
    const { at, outcome } = await recordedInTime(await check(ports.now()), check, ports.now);
    if (outcome.kept.length === 0 && outcome.fallen.length === 0) return promotion;
    return moveOn(ports.promotions, promotion.id, (current) =>
      current.status !== "gating" || keptIsTold(current) ? undefined : withReviewKept(current, outcome, at),
    );
  };
}
