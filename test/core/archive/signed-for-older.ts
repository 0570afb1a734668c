import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { cora, dana, type House } from "./house.ts";

/** A candidate whose first stage Cora decided, and in whose second one Dana has signed: both may be kept for a newer one. */
export async function signedForOlder(house: House): Promise<PromotionId> {
  const older = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(older);
  await house.openStage(older);
  await house.sign(older, cora);
  await house.openStage(older);
  await house.sign(older, dana);
  return older;
}
