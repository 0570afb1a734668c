import { afterAll, beforeAll, expect, it } from "vitest";
import { approval, ended, stageOpen, taken } from "../../examples/credit-scoring/demo/acts.ts";
import { recommend } from "../../examples/credit-scoring/demo/recommendation.ts";
import { shipped, shippedWith } from "../core/archive/house.ts";
import { Operator } from "./operator.ts";
import { eventually, Trial } from "./trial.ts";

const trial = new Trial();
/** By which the one who writes them is all that is asked for. */
const theirs = shippedWith(`${shipped.bundle.texts["matrix.yaml"]}\n# Nobody signed for these.\n`);

beforeAll(async () => {
  await trial.start();
  await trial.stack.ring("AdoptPolicySchedule");
});
afterAll(() => trial.remove());

it("nothing is approved by policies that somebody wrote into the table, whatever the service tells of them since", async () => {
  const { cast } = trial;
  const operator = new Operator(trial.stack);
  expect(await operator.putInForce(theirs)).toBe("replaced");
  const id = await recommend(cast, "product-recommendation", "candidate", "1.0.0");
  await stageOpen(cast, id, 0);
  await taken(cast.leadDataScientist.decide(id, { ...approval, roles: ["lead-data-scientist"] }));
  // Whom they ask has signed, and nobody has told the ledger of them.
  await eventually("a verdict that waits", async () =>
    operator.logLines("VerifySignOffsFunction", "step failed").length > 0 ? true : undefined,
  );
  expect((await cast.pipeline.promotion(id)).status).toBe("approved");
  await trial.stack.ring("AdoptPolicySchedule");
  const { reason } = await ended(cast, id, "blocked");
  expect(reason).toMatch(/^Which policies are in force is told otherwise by the ledger than by the table/);
});
