import { expect, it } from "vitest";
import type { PromotionId } from "../../../../core/promotion/promotion-id.ts";
import { refused } from "./packs.ts";
import { firstRules, policiesOf, type Rules } from "./rules.ts";
import { second } from "./second.ts";
import { World } from "./world.ts";

// A target leads to another endpoint from now on, while what was deployed before runs on in its own.

const rules: Rules = { ...firstRules, policyChange: false, shadow: "1m 3", onDrift: "stop" };

/** One that runs in the place to which the target led then. */
async function movedWorld(): Promise<World> {
  const world = new World(rules);
  await deployed(world, "1.0.0");
  await world.house.deployPolicies(policiesOf({ ...rules, endpoint: "{model}-blue" }));
  return world;
}

async function submitted(world: World, version: string): Promise<PromotionId> {
  const id = await world.house.submit("candidate", version);
  world.machines.begin(id);
  for (let steps = 0; steps < 12 && world.machines.where(id) !== "waiting"; steps += 1) {
    await world.machines.go(id);
    world.house.pass(30);
  }
  return id;
}

async function deployed(world: World, version: string, id?: PromotionId): Promise<PromotionId> {
  const which = id ?? (await submitted(world, version));
  for (let looks = 0; looks < 3; looks += 1) {
    await world.settle(which);
    await world.machines.pass(600);
  }
  expect(world.house.promotions.stored(which).status).toBe("deployed");
  return which;
}

async function findings(world: World): Promise<readonly string[]> {
  await world.catchUp();
  const found = await refused(world, 2, 0, { all: true, ...(second === undefined ? {} : { other: second }) });
  return found.flatMap((each) => each.findings.map(({ sentence }) => sentence));
}

it("nobody is refused where nothing ran there to run in shadow of, and somebody put something there meanwhile", async () => {
  const world = await movedWorld();
  const id = await submitted(world, "2.0.0");
  const { history, manifest } = world.house.promotions.stored(id);
  expect(history.some(({ body }) => body["state"] === "nothing-to-compare")).toBe(true);
  world.platform.put(manifest.target, "quick-fix");
  await deployed(world, "2.0.0", id);
  expect(await findings(world)).toEqual([]);
});

it("nobody is refused where what drifted before is taken out of the place in which it runs", async () => {
  const world = await movedWorld();
  const [former] = world.ids;
  if (former === undefined) return expect.unreachable();
  await world.house.drift('{"psi":0.31}');
  expect(world.house.promotions.stored(former).status).toBe("restricted");
  await deployed(world, "3.0.0");
  await world.machines.pass(2 * 86_400);
  expect(world.house.promotions.stored(former).history.at(-1)?.body).toMatchObject({ remedy: "stop", state: "done" });
  expect(await findings(world)).toEqual([]);
});

it("nobody is refused where what drifted made place for a newer one, which drifted as well and went back past it", async () => {
  const world = new World({ ...firstRules, onDrift: "previous" });
  const first = await deployed(world, "1.0.0");
  const second = await deployed(world, "2.0.0");
  const third = await submitted(world, "3.0.0");
  for (let steps = 0; steps < 40 && world.house.promotions.stored(third).status !== "deploying"; steps += 1) {
    if (world.machines.where(third) === "waiting") await world.people.approveAll(third);
    await world.machines.go(third);
  }
  await world.house.drift('{"psi":0.31}');
  world.house.pass(600);
  await deployed(world, "3.0.0", third);
  world.house.pass(3600);
  await world.house.drift('{"psi":0.32}');
  await world.machines.pass(2 * 86_400);
  const { status, history } = world.house.promotions.stored(third);
  expect(status).toBe("rolled-back");
  expect(history.find(({ body }) => body["remedy"] === "previous" && body["state"] === "started")?.body["to"]).toBe(
    first,
  );
  expect(world.house.promotions.stored(second).status).toBe("restricted");
  expect(await findings(world)).toEqual([]);
});
