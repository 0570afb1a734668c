import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { cora, type House } from "./house.ts";
import { lentForAnHour } from "./lent-and-over.ts";

/** What Cora rejected while it was lent, by a service that does not see that: the hour for which it was lent is over. */
export async function rejectedWhileLent(): Promise<{
  readonly house: House;
  readonly id: PromotionId;
  readonly rejection: string;
}> {
  const { house, id } = await lentForAnHour();
  await house.deploy(id);
  await house.sign(id, cora, "reject", { reason: "Never.", unheard: true });
  const rejection = house.promotions.forgetLatest();
  house.pass(4000);
  return { house, id, rejection };
}

/** The same, said to have ended so. */
export async function endedOtherwise(
  type: "failed" | "blocked" | "rolled-back" | "expired",
): ReturnType<typeof rejectedWhileLent> {
  const lent = await rejectedWhileLent();
  lent.house.move(lent.id, { status: type }, { type, summary: "It is over.", body: {}, attachments: [] });
  return lent;
}
