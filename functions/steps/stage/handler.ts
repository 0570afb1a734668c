import type { FrozenCopy } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { type PromotionMoves, requirePromotion } from "../promotion-store.ts";
import { type Serving, servingOf } from "../serving.ts";

export interface StagePorts {
  readonly promotions: Pick<PromotionMoves, "load">;
  readonly readArtifact: (copy: FrozenCopy, largest: number) => Promise<Uint8Array>;
  readonly artifactsBucket: string;
  readonly servingRoleArn: string;
  readonly target: { stage(id: PromotionId, serving: Serving, roleArn: string): Promise<void> };
}

/**
 * Stage the candidate: creates what will serve it, without letting it serve. What cannot be deployed shows before
 * people are asked; and the function that deploys needs no right to create models.
 */
export function stage(ports: StagePorts) {
  return async ({ promotionId }: { readonly promotionId: PromotionId }): Promise<{ readonly outcome: "staged" }> => {
    const promotion = await requirePromotion(ports.promotions, promotionId);
    const serving = await servingOf(promotion, ports.artifactsBucket, ports.readArtifact);
    await ports.target.stage(promotionId, serving, ports.servingRoleArn);
    return { outcome: "staged" };
  };
}
