import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { cora, House } from "./house.ts";
import { member } from "./reviewers.ts";

const [ida, olaf] = [member("Ida", "incident-commanders"), member("Olaf", "incident-commanders")];

/** What Cora rejected while it was lent, by a service that does not see that: the hour for which it was lent is over. */
export async function rejectedWhileLent(): Promise<{
  readonly house: House;
  readonly id: PromotionId;
  readonly rejection: string;
}> {
  const house = new House(undefined, undefined, [ida, olaf]);
  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  await house.openStage(id);
  const first = await house.lend(id, ida, { seconds: 3600 });
  await house.lend(id, olaf, { seconds: 3600, confirms: first });
  await house.verify(id);
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
