import { expect, it } from "vitest";
import { cora } from "../house.ts";
import { refused } from "./packs.ts";
import { firstRules } from "./rules.ts";
import { second } from "./second.ts";
import { World } from "./world.ts";

it("nobody is refused whose identity provider has a group that no record can hold", async () => {
  const world = new World({ ...firstRules, policyChange: false });
  const id = await world.house.submit("candidate", "1.0.0");
  world.machines.begin(id);
  for (let steps = 0; steps < 12 && world.machines.where(id) !== "waiting"; steps += 1) await world.machines.go(id);
  const claims = { "cognito:groups": [...cora.groups, `/${"all-of-us/".repeat(500)}`] };
  await world.house.sign(id, cora, "approve", { claims });
  await world.settle(id);
  expect(world.house.promotions.stored(id).settled[0]?.seats[0]?.person).toEqual(cora.identity);
  await world.catchUp();
  const found = await refused(world, 1, 0, { all: true, ...(second === undefined ? {} : { other: second }) });
  expect(found.flatMap((each) => each.findings.map(({ sentence }) => sentence))).toEqual([]);
});
