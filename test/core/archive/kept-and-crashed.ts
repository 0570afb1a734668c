import type { Member } from "../../../core/promotion/identity.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { dana, House, sam } from "./house.ts";
import { member } from "./reviewers.ts";
import { signedForOlder } from "./signed-for-older.ts";

// Nothing is told otherwise: the function dies once it has written what it keeps of an older candidate, before it writes that its
// promotion rests on it.

async function crashed(houseOf = (others: readonly Member[]) => new House(undefined, undefined, others)) {
  const olaf = member("Olaf", "lead-data-scientists");
  const house = houseOf([olaf]);
  await signedForOlder(house);
  const newer = await house.submit("candidate", "2.0.0", { "infrastructure.json": '{"instances":3}' });
  await house.freeze(newer);
  const { move } = house.promotions;
  const dying = async (next: Promotion) => {
    if (next.history.at(-1)?.type === "supersedes") throw new Error("The function died.");
    return move(next);
  };
  Object.assign(house.promotions, { move: dying });
  await house.judge(newer).catch(() => undefined);
  Object.assign(house.promotions, { move });
  for (const { id } of house.promotions.all())
    for (const fact of house.promotions.stored(id).history) house.tellOf(fact);
  return { house, newer, olaf };
}

/** The pipeline withdraws the newer candidate then. */
export async function keptAndWithdrawn(houseOf?: (others: readonly Member[]) => House) {
  const { house, newer } = await crashed(houseOf);
  await house.withdraw(newer);
  return { house, newer };
}

/** It runs again, and somebody whose approval was kept has left meanwhile. */
export async function keptAndLeft() {
  const { house, newer, olaf } = await crashed();
  house.people.splice(
    house.people.findIndex(({ identity }) => identity.subject === dana.identity.subject),
    1,
  );
  await house.judge(newer);
  await house.openStage(newer);
  await house.decide(newer);
  await house.openStage(newer);
  await house.sign(newer, sam);
  await house.sign(newer, olaf);
  await house.verify(newer);
  await house.deploy(newer);
  return { house, newer };
}
