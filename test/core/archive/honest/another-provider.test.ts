import { expect, it } from "vitest";
import { cora, dana, sam } from "../house.ts";
import { refused } from "./packs.ts";
import { issuers } from "./providers.ts";
import { firstRules } from "./rules.ts";
import { second } from "./second.ts";
import { World } from "./world.ts";

/** Everybody signs in there from now on, and the directory lists nobody's account of before. */
async function goOver(world: World, to: (typeof issuers)[number]): Promise<void> {
  world.people.signInBy(to);
  world.house.signInsBy = [to];
  world.house.moveTo({ issuer: to });
  world.house.pass(7200);
}

it("nobody is refused where people sign again after their organisation went over to another provider, and back", async () => {
  const world = new World({ ...firstRules, policyChange: false });
  const id = await world.house.submit("candidate", "1.0.0");
  world.machines.begin(id);
  const untilOpen = async () => {
    for (let steps = 0; steps < 12 && world.house.promotions.stored(id).stage?.open !== true; steps += 1) {
      await world.machines.go(id);
      world.house.pass(30);
    }
  };
  await untilOpen();
  await goOver(world, issuers[1]);
  for (const who of [cora, dana]) {
    await world.house.sign(id, world.people.now(who), "approve", {});
    await world.house.decide(id);
    await untilOpen();
  }
  await goOver(world, issuers[0]);
  for (const who of [dana, sam]) await world.house.sign(id, world.people.now(who), "approve", {});
  await world.house.decide(id);
  await world.settle(id);
  const { history } = world.house.promotions.stored(id);
  const decided = history.filter(({ type }) => type === "stage-decided").map(({ body }) => JSON.stringify(body));
  expect(decided[1]).toContain(issuers[0]);
  expect(decided[1]).not.toContain(issuers[1]);
  await world.catchUp();
  const found = await refused(world, 2, 0, { all: true, ...(second === undefined ? {} : { other: second }) });
  expect(found.flatMap((each) => each.findings.map(({ sentence }) => sentence))).toEqual([]);
});
