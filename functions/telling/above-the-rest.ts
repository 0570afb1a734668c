import { type ApprovalPolicy, calendarNow } from "../../core/approval/promotion-approval.ts";
import { type Instant, minuteText } from "../../core/encoding/instant.ts";
import { reportedBefore } from "../../core/promotion/drift.ts";
import type { Promotion } from "../../core/promotion/promotion.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";

/**
 * Why people are asked again to approve what runs, for their letters: what was reported of it, until when it has to be approved, and
 * what is done unless it is. `undefined` for whatever did not drift.
 */
async function whyAskedAgain(
  promotion: Promotion,
  load: (id: PromotionId) => Promise<Promotion | undefined>,
): Promise<string | undefined> {
  const { reapproves, history } = promotion;
  if (reapproves === undefined) return undefined;
  const drifted = await load(reapproves.promotion);
  return (drifted === undefined ? undefined : reportedBefore(drifted, promotion)) ?? history[0]?.summary;
}

/** What stands above everything else in letters about an open stage: why people are asked again, and that nothing is approved yet. */
export async function aboveTheRest(
  promotion: Promotion,
  load: (id: PromotionId) => Promise<Promotion | undefined>,
  policy: ApprovalPolicy,
  now: Instant,
): Promise<string | undefined> {
  const why = await whyAskedAgain(promotion, load);
  const calendar = calendarNow(policy, promotion, now);
  if (calendar.kind !== "frozen") return why;
  const frozen = `Changes are frozen ('${calendar.window}'): nothing is approved before ${minuteText(calendar.until)}. It may be rejected until then.`;
  return why === undefined ? frozen : `${why} ${frozen}`;
}
