import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { House } from "./house.ts";
import { member } from "./reviewers.ts";

const [ida, olaf] = [member("Ida", "incident-commanders"), member("Olaf", "incident-commanders")];

/** A candidate whose seats are lent for an hour, and of which nothing was deployed yet. */
export async function lentForAnHour(): Promise<{ readonly house: House; readonly id: PromotionId }> {
  const house = new House(undefined, undefined, [ida, olaf]);
  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  await house.openStage(id);
  const first = await house.lend(id, ida, { seconds: 3600 });
  await house.lend(id, olaf, { seconds: 3600, confirms: first });
  await house.verify(id);
  return { house, id };
}

/**
 * A candidate that was lent for an hour, and that hour is over; nothing says that it was taken back. `cleanedFirst`: that it was
 * cleaned up is said before it began to be deployed.
 */
export async function lentAndOver(cleanedFirst = false): Promise<{ readonly house: House; readonly id: PromotionId }> {
  const { house, id } = await lentForAnHour();
  if (cleanedFirst)
    house.move(id, {}, { type: "clean-up", summary: "Cleaned up.", body: { removed: [] }, attachments: [] });
  await house.deploy(id);
  house.pass(3600);
  await house.expire(id);
  return { house, id };
}
