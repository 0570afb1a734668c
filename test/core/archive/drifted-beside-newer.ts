import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { MemoryTarget } from "../../functions/memory-target.ts";
import { cora, dana, House, sam, shipped, shippedWith } from "./house.ts";

// A model drifts while a newer candidate is on its way, or while nobody could be asked whether it may run on.

const matrix = shipped.bundle.texts["matrix.yaml"].replace("    carryOver: 3d", "$&\n    ifNotReapproved: stop");

export const ruledToStop = shippedWith(matrix);

export async function deployed(house: House, version = "1.0.0"): Promise<PromotionId> {
  const id = await house.submit("candidate", version);
  await house.freezeAndJudge(id);
  for (const people of [[cora], [dana, sam]]) {
    await house.openStage(id);
    for (const person of people) await house.sign(id, person);
  }
  await house.verify(id);
  await house.deploy(id);
  house.pass(1200);
  return id;
}

export async function inReview(house: House, version: string): Promise<PromotionId> {
  const id = await house.submit("candidate", version);
  await house.freezeAndJudge(id);
  await house.openStage(id);
  return id;
}

/** The clock rings, so much later; what runs is taken out at once where that is asked for. */
export async function later(house: House, running: PromotionId, seconds: number): Promise<void> {
  house.pass(seconds);
  const target = new MemoryTarget({ revision: running, promotion: running });
  target.progress = { kind: "returned", why: "The endpoint is gone." };
  await house.restrictBy({ "detail-type": "Scheduled Event", detail: {} }, target);
}

/** The newer one came to nothing; the one that drifted is asked about by the clock then, and approved again. */
export async function newerCameToNothing(
  how: "withdrawn" | "rejected",
): Promise<{ house: House; running: PromotionId }> {
  const house = new House(undefined, ruledToStop);
  const running = await deployed(house);
  const newer = await inReview(house, "2.0.0");
  await house.drift('{"psi":0.31}');
  if (how === "withdrawn") await house.withdraw(newer);
  else await house.sign(newer, cora, "reject", { reason: "No." });
  await later(house, running, 300);
  return { house, running };
}

/** A pipeline that always has one on its way: nobody is ever asked about what drifted. */
export async function alwaysANewer(): Promise<{ house: House; running: PromotionId }> {
  const house = new House(undefined, ruledToStop);
  const running = await deployed(house);
  await inReview(house, "2.0.0");
  await house.drift('{"psi":0.31}');
  for (let day = 1; day <= 12; day += 1) {
    await later(house, running, 86_400);
    await inReview(house, `2.0.${day}`);
  }
  return { house, running };
}
