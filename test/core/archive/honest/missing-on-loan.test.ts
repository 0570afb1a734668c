import { expect, it } from "vitest";
import { refused } from "./packs.ts";
import { firstRules } from "./rules.ts";
import { second } from "./second.ts";
import { World } from "./world.ts";

it("nobody is refused where what runs on loan is removed by somebody, is told of once, and what ran before is back at its end", async () => {
  const world = new World({ ...firstRules, policyChange: false });
  const { house, machines, operations, people, platform } = world;
  /** Its clock goes on with every call, so that each run leaves places to the next. */
  const audit = async (runs: number) => {
    for (let run = 0; run < runs; run += 1) {
      house.pass(900);
      await machines.quietly(() => operations.audit());
    }
  };
  const champion = await house.submit("candidate", "1.0.0");
  machines.begin(champion);
  for (let looks = 0; looks < 3; looks += 1) {
    await world.settle(champion);
    await machines.pass(600);
  }
  expect(house.promotions.stored(champion).status).toBe("deployed");
  const id = await house.submit("candidate", "2.0.0");
  machines.begin(id);
  for (let steps = 0; steps < 12 && machines.where(id) !== "waiting"; steps += 1) await machines.go(id);
  await people.lend(id, 1, 0);
  house.pass(60);
  await people.lend(id, 1, 1);
  for (let steps = 0; steps < 60 && house.promotions.stored(id).loan?.runningSince === undefined; steps += 1) {
    await machines.go(id);
    house.pass(30);
  }
  const lent = house.promotions.stored(id);
  expect(lent).toMatchObject({ status: "loaned", loan: { runningSince: expect.any(String) } });
  platform.put(lent.manifest.target, undefined);
  await audit(8);
  const found = (await house.promotions.factsUnder(champion, "intruder")).filter(
    ({ type }) => type === "intruder-found",
  );
  expect(found).toMatchObject([{ body: { kind: "missing", action: "report" } }]);
  await machines.pass(2 * 86_400);
  await audit(8);
  const told = (await house.promotions.factsUnder(champion, "intruder")).map(({ type }) => type);
  expect(told).toContain("intruder-gone");
  expect(house.promotions.stored(id).history.map(({ type }) => type)).toContain("loan-taken-back");
  expect((await platform.describeRunning(lent.manifest.target)).promotion).toBe(champion);
  await world.catchUp();
  const wrong = await refused(world, 2, 0, { all: true, ...(second === undefined ? {} : { other: second }) });
  expect(wrong.flatMap((each) => each.findings.map(({ sentence }) => sentence))).toEqual([]);
});
