import { expect, it } from "vitest";
import { Failure } from "../../../core/failure.ts";
import { MemoryTarget } from "../../functions/memory-target.ts";
import { withTool } from "../../interop/programs.ts";
import { python, verdictOn } from "../../interop/second-verifier.ts";
import { cora, dana, House, sam } from "./house.ts";
import { packOf, verified } from "./pack-fixture.ts";

/** Its beginning is written before the target is touched, and the target refuses: somebody made the endpoint meanwhile. */
async function refusedAsItBegan() {
  const house = new House();
  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  for (const people of [[cora], [sam, dana]]) {
    await house.openStage(id);
    for (const person of people) await house.sign(id, person);
  }
  await house.verify(id);
  const target = new MemoryTarget();
  Object.assign(target, {
    start: async () => {
      throw new Failure("deployment-refused", "Somebody else made the endpoint.");
    },
  });
  expect(await house.startDeployment(id, target)).toEqual({ outcome: "refused" });
  await house.cleanUp(id);
  expect(house.promotions.stored(id)).toMatchObject({ status: "blocked", reason: "Somebody else made the endpoint." });
  return { house, id };
}

it("what its target refuses as it begins ends blocked, and the log holds", async () => {
  const { house, id } = await refusedAsItBegan();
  expect(
    house.promotions
      .stored(id)
      .history.map(({ type }) => type)
      .slice(-3),
  ).toEqual(["deployment-started", "blocked", "clean-up"]);
  const { findings } = await verified(await packOf({ house }));
  expect(findings).toEqual([]);
});

withTool(
  python,
  "what its target refuses as it begins holds by the second verifier as well",
  async () => {
    const { status, output } = await verdictOn(await packOf(await refusedAsItBegan()));
    expect([status, output]).toEqual([0, expect.stringContaining("Everything that was checked holds.")]);
  },
  async () => {},
);
