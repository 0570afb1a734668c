import type { Fact } from "../../../core/promotion/fact.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { cora, dana, House, sam, tom } from "./house.ts";

// What would have stopped a candidate is recorded a moment before that goes on, by whoever did not hear of it, or says so.

interface Told {
  readonly house: House;
  readonly facts: readonly Fact[];
  readonly id: PromotionId;
}

async function before(people: readonly (typeof sam)[]): Promise<{ readonly house: House; readonly id: PromotionId }> {
  const house = new House();
  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  await house.openStage(id);
  await house.sign(id, cora);
  await house.openStage(id);
  for (const each of people) await house.sign(id, each, "approve", { unheard: true });
  return { house, id };
}

/** Somebody takes an approval back seconds before the verdict that rests on it. */
export async function withdrawnAsVerified(): Promise<Told> {
  const { house, id } = await before([sam, dana]);
  await house.sign(id, sam, "withdraw", { reason: "I have to look again.", unheard: true });
  house.promotions.forgetLatest();
  house.pass(-1);
  await house.decide(id);
  house.pass(-1);
  await house.verify(id);
  await house.deploy(id);
  return { house, id, facts: house.facts };
}

/** Somebody takes a decision back, of which nothing is told. */
export async function withdrawnOfNothing(): Promise<Told> {
  const { house, id } = await before([sam]);
  const given = house.facts.findLast(({ type }) => type === "sign-off");
  await house.sign(id, sam, "withdraw", { reason: "I have to look again." });
  return { house, id, facts: house.facts.filter((fact) => fact !== given) };
}

/** Somebody rejects it seconds before its verdict is signed. */
export async function rejectedAsVerified(): Promise<Told> {
  const { house, id } = await before([sam, dana]);
  await house.decide(id);
  await house.sign(id, tom, "reject", { reason: "It discriminates.", unheard: true });
  house.promotions.forgetLatest();
  await house.verify(id);
  await house.deploy(id);
  return { house, id, facts: house.facts };
}
