import { expect, it } from "vitest";
import { Failure } from "../../../../core/failure.ts";
import { refused } from "./packs.ts";
import { firstRules } from "./rules.ts";
import { second } from "./second.ts";
import { World } from "./world.ts";

it("nobody is refused where a target takes nothing until a loan is over, which lets nothing run then", async () => {
  const world = new World({ ...firstRules, policyChange: false });
  const { house, machines, people, platform } = world;
  const champion = await house.submit("candidate", "1.0.0");
  machines.begin(champion);
  for (let looks = 0; looks < 3; looks += 1) {
    await world.settle(champion);
    await machines.pass(600);
  }
  const id = await house.submit("candidate", "2.0.0");
  machines.begin(id);
  for (let steps = 0; steps < 12 && machines.where(id) !== "waiting"; steps += 1) await machines.go(id);
  await people.lend(id, 1, 0);
  house.pass(60);
  await people.lend(id, 1, 1);
  const { start } = platform.target;
  const busy = new Failure("unavailable", "The target has too many requests.");
  Object.assign(platform.target, { start: () => Promise.reject(busy) });
  for (let steps = 0; steps < 12 && house.promotions.stored(id).deployment === undefined; steps += 1)
    await machines.go(id);
  const { deployment, loan, manifest } = house.promotions.stored(id);
  expect([deployment, machines.where(id)]).toEqual([expect.anything(), "deploy"]);
  house.pass(loan?.terms.seconds ?? Number.NaN);
  Object.assign(platform.target, { start });
  await machines.pass(3600);
  expect(house.promotions.stored(id)).toMatchObject({
    status: "blocked",
    reason: "The loan was over before what was lent could be deployed.",
  });
  expect((await platform.describeRunning(manifest.target)).promotion).toBe(champion);
  await world.catchUp();
  const wrong = await refused(world, 2, 0, { all: true, ...(second === undefined ? {} : { other: second }) });
  expect(wrong.flatMap((each) => each.findings.map(({ sentence }) => sentence))).toEqual([]);
});
