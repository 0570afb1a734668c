import { expect, it } from "vitest";
import { plansOf } from "../../../../core/deployment/plan-state.ts";
import { refused } from "./packs.ts";
import { firstRules } from "./rules.ts";
import { second } from "./second.ts";
import { World } from "./world.ts";

it("nobody is refused where what drifted came with a plan, and is approved again although no pipeline says once more that it is applied", async () => {
  const world = new World({ ...firstRules, policyChange: false, applied: true });
  const { house, machines, people } = world;
  const champion = await house.submit("candidate", "1.0.0");
  for (let looks = 0; looks < 3; looks += 1) {
    await world.settle(champion);
    await machines.pass(600);
  }
  const { status, manifest } = house.promotions.stored(champion);
  expect([status, plansOf(manifest).length]).toEqual(["deployed", 1]);
  house.pass(7200);
  const id = await house.drift('{"psi":0.31}');
  for (let steps = 0; steps < 40 && machines.where(id) !== "done"; steps += 1) {
    if (machines.where(id) === "waiting") await people.approveAll(id);
    await machines.go(id);
    house.pass(60);
  }
  const again = house.promotions.stored(id);
  expect([again.status, again.reapproves?.promotion]).toEqual(["deployed", champion]);
  await world.catchUp();
  const wrong = await refused(world, 2, 0, { all: true, ...(second === undefined ? {} : { other: second }) });
  expect(wrong.flatMap((each) => each.findings.map(({ sentence }) => sentence))).toEqual([]);
});
