import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { cora, dana, House, sam } from "./house.ts";
import { member } from "./reviewers.ts";

const [ida, olaf] = [member("Ida", "incident-commanders"), member("Olaf", "incident-commanders")];

/** What becomes of a loan before something is released upon it. */
export type Becomes = "nothing" | "ratified" | "taken back";

/** A candidate runs on loan for an hour, and a newer one is deployed upon it. */
export async function releasedUponLent(becomes: Becomes) {
  const house = new House(undefined, undefined, [ida, olaf]);
  const lent = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(lent);
  await house.openStage(lent);
  const first = await house.lend(lent, ida, { seconds: 3600 });
  await house.lend(lent, olaf, { seconds: 3600, confirms: first });
  await house.verify(lent);
  await house.deploy(lent);
  if (becomes === "ratified") {
    await approve(house, lent);
    await house.verify(lent);
  }
  const newer = await house.submit("candidate", "3.0.0");
  await house.freezeAndJudge(newer);
  await house.openStage(newer);
  await approve(house, newer);
  if (becomes === "taken back") {
    house.pass(3600);
    await house.expire(lent);
    await house.cleanUp(lent);
  }
  await house.verify(newer);
  await house.deploy(newer);
  return { house, lent, newer };
}

async function approve(house: House, id: PromotionId): Promise<void> {
  await house.sign(id, cora);
  await house.openStage(id);
  await house.sign(id, sam);
  await house.sign(id, dana);
}
