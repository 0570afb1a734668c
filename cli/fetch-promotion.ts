import { Failure } from "../core/failure.ts";
import { isPromotionId, type PromotionId } from "../core/promotion/promotion-id.ts";
import { answers, readAnswer, type ShownPromotion } from "./service/answers.ts";
import { type ApiClient, bodyOf } from "./service/api-client.ts";

/** A promotion as the service shows it: what the commands read of it, and the whole answer. */
export interface FetchedPromotion {
  readonly promotion: ShownPromotion;
  readonly body: unknown;
}

/** A promotion by its id. Throws with the service's sentence. */
export async function fetchPromotion(api: ApiClient, id: PromotionId, token: string): Promise<FetchedPromotion> {
  return shownPromotion(id, bodyOf(await api.get(`/v1/promotions/${id}`, token)));
}

/** The answer about a promotion; it must be the one that was asked for. */
export function shownPromotion(id: PromotionId, body: unknown): FetchedPromotion {
  const promotion = readAnswer(answers.promotion, body);
  if (promotion.id !== id) throw new Failure("internal", "The service answered with another promotion.");
  return { promotion, body };
}

/** The promotion id that a person typed. Throws `invalid-request`. */
export function promotionIdOf(text: string): PromotionId {
  if (isPromotionId(text)) return text;
  throw new Failure("invalid-request", "A promotion's id looks like p-<32 hexadecimal digits>-1; 'submit' prints it.");
}
