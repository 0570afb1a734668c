import { expect } from "vitest";
import type { Fact } from "../../../core/promotion/fact.ts";
import { cora, dana, House, sam } from "./house.ts";

/** Released, and watched for ten minutes, under a condition that was signed: at most one percent of errors. */
export async function releasedUnderConditions(): Promise<{ readonly house: House; readonly deployed: Fact }> {
  const house = new House();
  for (const [name, version, conditions] of [
    ["champion", "1.0.0", undefined],
    ["candidate", "2.0.0", { forSeconds: 600, errorPercent: 1 }],
  ] as const) {
    const id = await house.submit(name, version);
    await house.freezeAndJudge(id);
    await house.openStage(id);
    await house.sign(id, cora);
    await house.openStage(id);
    await house.sign(id, dana, "approve", conditions === undefined ? {} : { conditions });
    await house.sign(id, sam);
    await house.verify(id);
    await house.deploy(id, conditions === undefined ? [{}] : [{ kind: "under-way", why: "It is on its way." }]);
    if (conditions === undefined) continue;
    house.pass(600);
    await house.deploy(id);
    expect(house.promotions.stored(id).status).toBe("deployed");
  }
  return { house, deployed: house.facts.findLast(({ type }) => type === "deployed") ?? expect.unreachable() };
}
