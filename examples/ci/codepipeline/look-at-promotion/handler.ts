import * as v from "valibot";
import type { ListedPromotion } from "../../../../cli/service/answers.ts";
import { Failure } from "../../../../core/failure.ts";
import { isPromotionId, type PromotionId } from "../../../../core/promotion/promotion-id.ts";
import { namedSchema, refusedLook, type Seen, seenOf } from "../waiting.ts";

const asked = v.object({
  promotionId: namedSchema,
  /** How often this look was tried before. An execution that began with an older definition does not say. */
  tries: v.optional(v.number(), 0),
});

/** A refusal that stands for so many tries, a minute or so, is the answer: a role that is just being made known may still come to be. */
const triesOfARefusal = 3;

/**
 * Where a promotion stands. Throws where the service cannot say at the moment; the machine tries again, for hours. What
 * the service refuses to say will not be said by waiting, and ends the wait with its sentence.
 */
export function lookAtPromotion(promotion: (id: PromotionId) => Promise<ListedPromotion>) {
  return async (event: unknown): Promise<Seen> => {
    const { promotionId, tries } = v.parse(asked, event);
    if (!isPromotionId(promotionId))
      return refusedLook(
        `${promotionId === "" ? "it names no promotion" : `'${promotionId}' is no promotion's id`}. Give the action what 'countersign submit' printed.`,
      );
    try {
      return seenOf(await promotion(promotionId));
    } catch (error) {
      if (!(error instanceof Failure) || error.code === "unavailable" || tries < triesOfARefusal) throw error;
      return refusedLook(error.message);
    }
  };
}
