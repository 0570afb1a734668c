import { isOpen } from "../../../../core/promotion/life-cycle.ts";
import type { PromotionId } from "../../../../core/promotion/promotion-id.ts";
import type { Step } from "./step.ts";
import type { World } from "./world.ts";

/** Nothing is in anybody's way any more, and two weeks go by in which everything is looked after. */
export async function longAfter({ platform, turns, machines, operations }: World): Promise<void> {
  platform.slow = 0;
  platform.alarmed.clear();
  platform.fails();
  platform.registry.putRight();
  for (let looks = 0; looks < 5; looks += 1) {
    await turns.take({}, () => machines.quietly(() => operations.audit()));
    await turns.take({}, () => machines.ring());
    await machines.pass(looks < 3 ? 900 : 6 * 86_400);
  }
}

/** Years go by, in which nobody needs the service; then people come back to it. */
export async function yearsAfter(world: World, pick: number): Promise<void> {
  await world.machines.pass((1 + (pick % 7)) * 400 * 86_400);
  const [who, how, more] = [pick, Math.floor(pick / 3), Math.floor(pick / 7)];
  const steps: readonly Step["what"][] = [
    ...(["outcome", "passkey", "rotate", "signInKeys", "people", "deployPolicies", "audit", "drift"] as const),
    ...(["release", "delegate", "resend", "lend", "report", "passport", "outcome", "rotate", "sign"] as const),
  ];
  for (const [at, what] of steps.entries()) await world.take({ what, who: who + at, how: how + at, more: more + at });
  await longAfter(world);
}

/** What is open, although its time is over. */
export function stuck({ house, ids, machines }: World): readonly string[] {
  // Another approval may have been asked for days later.
  const over = (id: PromotionId) => house.promotions.stored(id).expiresAt <= house.clock;
  const stands = (id: PromotionId) => house.promotions.stored(id).status;
  return ids
    .filter((id) => isOpen(stands(id)))
    .filter(over)
    .map((id) => `${id} is ${stands(id)}, and its machine at '${machines.where(id)}'.`);
}
