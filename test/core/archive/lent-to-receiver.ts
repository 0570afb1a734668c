import { expect } from "vitest";
import { others } from "./honest/people.ts";
import { firstRules } from "./honest/rules.ts";
import { World } from "./honest/world.ts";
import { type Files, packOf } from "./memory-pack.ts";

/** A candidate that runs on loan where a receiver deploys it, which had said so; or of which nothing is told of that. */
export async function lentToReceiver(said: boolean): Promise<Files> {
  const world = new World(firstRules);
  const { house, machines, operations } = world;
  const [ida, olaf] = ["Ida", "Olaf"].map((name) => others.find((each) => each.name === name) ?? expect.unreachable());
  if (ida === undefined || olaf === undefined) return expect.unreachable();
  const id = await house.submit("candidate", "2.0.0", {}, "hook");
  machines.begin(id);
  const goOn = async (until: () => boolean) => {
    for (let rounds = 0; rounds < 20 && !until(); rounds += 1) {
      house.pass(10);
      await machines.go(id);
    }
    expect(until()).toBe(true);
  };
  const tells = (type: string) => house.promotions.stored(id).history.some((fact) => fact.type === type);
  await goOn(() => machines.where(id) === "waiting");
  const first = await house.lend(id, ida, { seconds: 3600 });
  await house.lend(id, olaf, { seconds: 3600, confirms: first });
  await goOn(() => tells("deployment-started"));
  await operations.report(id, 0);
  await goOn(() => tells("loan-running"));
  for (const fact of house.promotions.recordedFacts()) house.tellOf(fact);
  const facts = house.facts.filter(({ type }) => said || type !== "deployment-reported");
  expect(facts.some(({ type }) => type === "deployment-reported")).toBe(said);
  return await packOf({ house }, { facts });
}
