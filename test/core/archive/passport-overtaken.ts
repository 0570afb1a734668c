import { expect } from "vitest";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { firstRules } from "./honest/rules.ts";
import { World } from "./honest/world.ts";
import { type Files, packOf } from "./memory-pack.ts";

/**
 * An older candidate that its pipeline is deploying gets a passport and redeems it, so many seconds after a newer one began to be
 * deployed: the service had forgotten that it was there.
 */
export async function passportOvertaken(seconds: number): Promise<Files> {
  const world = new World(firstRules);
  const { house, machines, operations, people } = world;
  const release = async (version: string): Promise<PromotionId> => {
    const id = await house.submit("candidate", version, {}, "rollout");
    machines.begin(id);
    for (let rounds = 0; rounds < 30 && house.promotions.stored(id).status !== "deploying"; rounds += 1) {
      house.pass(10);
      await machines.go(id);
      await people.approveAll(id);
    }
    expect(house.promotions.stored(id).status).toBe("deploying");
    return id;
  };
  const older = await release("2.0.0");
  Object.assign(house.promotions, { list: async () => ({ promotions: [] }) });
  await release("3.0.0");
  house.pass(seconds);
  await operations.passport(older, 1);
  for (const fact of house.promotions.recordedFacts()) house.tellOf(fact);
  return await packOf({ house });
}
