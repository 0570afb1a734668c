import type { RecordedSignOff } from "../../core/attestation/recorded-sign-off.ts";
import type { Promotion } from "../../core/promotion/promotion.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";

/** The recorded sign-offs of an earlier candidate that a promotion rests on. */
export async function keptSignOffs(
  promotion: Promotion,
  { promotions }: { readonly promotions: { signOffs(id: PromotionId): Promise<readonly RecordedSignOff[]> } },
): Promise<readonly RecordedSignOff[]> {
  const carried = promotion.carried ?? [];
  const from = [...new Set(carried.map(({ signOff }) => signOff.promotion))].filter((id) => id !== promotion.id);
  const recorded = (await Promise.all(from.map((id) => promotions.signOffs(id)))).flat();
  return recorded.filter(({ signOff }) => carried.some((each) => each.signOff.id === signOff.id));
}
