import { isPromotionId, type PromotionId } from "../../core/promotion/promotion-id.ts";

/** Names of endpoint configurations that are made beside a promotion's own, and which promotion such a name is of. */
export function configNames(prefix: string) {
  return {
    of: (promotion: PromotionId): string => `${prefix}${promotion}`,
    promotionIn: (name: string): PromotionId | undefined => {
      const id = name.startsWith(prefix) ? name.slice(prefix.length) : undefined;
      return isPromotionId(id) ? id : undefined;
    },
  };
}
