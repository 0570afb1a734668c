import { type RequirementsInForce, restartReview } from "../../core/approval/promotion-approval.ts";
import type { Instant } from "../../core/encoding/instant.ts";
import type { Sha256 } from "../../core/encoding/sha256.ts";
import { requireEveryObjection } from "../../core/promotion/objection.ts";
import type { Promotion } from "../../core/promotion/promotion.ts";
import { keptRequirements } from "./kept-requirements.ts";
import { type ReviewDecisionPorts, reviewDecision } from "./review-decision.ts";

export interface SentBackPorts extends ReviewDecisionPorts {
  readonly blobs: { get(sha256: Sha256): Promise<Uint8Array> };
}

/**
 * The promotion back at its gates, since its requirements are not those in force any more; rejected where a rejection that
 * nobody has decided about yet had ended it before: it was given under the rules of then (design 6.5), and stops whatever
 * the next ones would let pass.
 */
export async function sentBack(
  ports: SentBackPorts,
  promotion: Promotion,
  inForce: RequirementsInForce,
  now: () => Instant,
): Promise<Promotion> {
  return (await rejectedBefore(ports, promotion, now)) ?? restartReview(promotion, inForce, now());
}

/** The promotion as its rejections leave it by the requirements that it is pinned to; `undefined` where they do not end it. */
export async function rejectedBefore(
  ports: SentBackPorts,
  promotion: Promotion,
  now: () => Instant,
): Promise<Promotion | undefined> {
  // Nobody was asked yet: what stands of the review before goes on into the next one.
  if (promotion.status === "gating") return undefined;
  const signOffs = async () => {
    const recorded = await ports.promotions.signOffs(promotion.id);
    requireEveryObjection(
      promotion,
      recorded.map(({ signOff }) => signOff),
    );
    return recorded;
  };
  if (!(await signOffs()).some(({ signOff }) => signOff.result === "reject")) return undefined;
  const requirements = await keptRequirements(ports.blobs, promotion);
  const next = await reviewDecision(ports, promotion, { requirements, signOffs, now });
  return next?.status === "rejected" ? next : undefined;
}
