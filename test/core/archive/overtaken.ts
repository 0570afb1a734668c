import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { cora, dana, House, sam } from "./house.ts";

/** An older candidate that is deployed after a newer one was: the service had forgotten that it was there. */
export async function overtaken(): Promise<{
  readonly house: House;
  readonly older: PromotionId;
  readonly newer: PromotionId;
}> {
  const house = new House();
  const older = await opened(house, "1.0.0");
  house.lanes.forget();
  house.pass(600);
  const newer = await opened(house, "2.0.0");
  await through(house, newer);
  await through(house, older);
  return { house, older, newer };
}

async function opened(house: House, version: string): Promise<PromotionId> {
  const id = await house.submit("candidate", version);
  await house.freezeAndJudge(id);
  await house.openStage(id);
  await house.sign(id, cora);
  return id;
}

async function through(house: House, id: PromotionId): Promise<void> {
  await house.openStage(id);
  await house.sign(id, sam);
  await house.sign(id, dana);
  await house.verify(id);
  await house.deploy(id);
}
