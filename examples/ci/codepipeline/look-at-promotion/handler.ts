import * as v from "valibot";
import type { ListedPromotion } from "../../../../cli/service/answers.ts";
import type { PromotionId } from "../../../../core/promotion/promotion-id.ts";
import { promotionIdSchema, type Seen, seenOf } from "../waiting.ts";

const asked = v.object({ promotionId: promotionIdSchema });

/** Where a promotion stands. Throws where the service cannot say; the machine tries again. */
export function lookAtPromotion(promotion: (id: PromotionId) => Promise<ListedPromotion>) {
  return async (event: unknown): Promise<Seen> => seenOf(await promotion(v.parse(asked, event).promotionId));
}
