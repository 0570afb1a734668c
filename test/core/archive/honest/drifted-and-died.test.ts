import { expect, it } from "vitest";
import { refused } from "./packs.ts";
import { firstRules } from "./rules.ts";
import { second } from "./second.ts";
import { Died } from "./turns.ts";
import { World } from "./world.ts";

it("nobody is refused where what drifted has made place before its new approval is opened, since whoever restricted it died", async () => {
  const world = new World({ ...firstRules, policyChange: false, onDrift: "previous" });
  const { house, machines, platform, turns } = world;
  const [former, drifted] = [await house.submit("candidate", "1.0.0"), await house.submit("candidate", "2.0.0")];
  for (const id of [former, drifted])
    for (let looks = 0; looks < 3; looks += 1) {
      await world.settle(id);
      await machines.pass(600);
    }
  expect(world.ids.map((id) => house.promotions.stored(id).status)).toEqual(["deployed", "deployed"]);
  house.pass(7200);
  const reported = turns.take({ dies: { at: 2, when: "before" } }, () => house.drift('{"psi":0.31}'));
  await expect(reported).rejects.toThrow(Died);
  expect([house.promotions.stored(drifted).status, world.ids.length]).toEqual(["restricted", 2]);
  const fact = { "detail-type": "Countersign Fact Recorded", detail: { promotionId: drifted, type: "drift" } };
  await house.restrictBy(fact, platform.target);
  const { status, restriction } = house.promotions.stored(drifted);
  expect([status, world.ids.at(-1)]).toEqual(["rolled-back", restriction?.reapproval]);
  await world.catchUp();
  const wrong = await refused(world, 2, 0, { all: true, ...(second === undefined ? {} : { other: second }) });
  expect(wrong.flatMap((each) => each.findings.map(({ sentence }) => sentence))).toEqual([]);
});
