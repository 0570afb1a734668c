import { reportedBefore } from "../../core/promotion/drift.ts";
import type { Promotion } from "../../core/promotion/promotion.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";

/**
 * Why people are asked again to approve what runs, for their letters: what was reported of it, until when it has to be approved, and
 * what is done unless it is. `undefined` for whatever did not drift.
 */
export async function whyAskedAgain(
  promotion: Promotion,
  load: (id: PromotionId) => Promise<Promotion | undefined>,
): Promise<string | undefined> {
  const { reapproves, history } = promotion;
  if (reapproves === undefined) return undefined;
  const drifted = await load(reapproves.promotion);
  return (drifted === undefined ? undefined : reportedBefore(drifted, promotion)) ?? history[0]?.summary;
}
