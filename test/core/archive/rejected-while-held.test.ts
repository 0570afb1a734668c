import { expect, it } from "vitest";
import { msOfInstant } from "../../../core/encoding/instant.ts";
import { others } from "./honest/people.ts";
import { firstRules, policiesOf } from "./honest/rules.ts";
import { cora, dana, House, sam } from "./house.ts";
import { packOf, verified } from "./pack-fixture.ts";

const noon = Date.UTC(2026, 10, 24, 12);

it("what a freeze window holds can be rejected, though other policies came in force in it: by those of its review", async () => {
  const rules = { ...firstRules, policyChange: false, frozen: "once" } as const;
  const house = new House(undefined, policiesOf(rules), others, undefined, { begins: noon - 3_600_000 });
  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  for (const people of [[cora], [sam, dana]]) {
    await house.openStage(id);
    for (const each of people) await house.sign(id, each);
  }
  house.pass((noon - msOfInstant(house.clock)) / 1000 + 60);
  expect(await house.verify(id)).toBe("held");
  house.pass(600);
  await house.deployPolicies(policiesOf({ ...rules, auc: "0.74" }));
  house.pass(60);
  await house.sign(id, dana, "reject", { reason: "The drift of May is not explained." });
  expect(house.promotions.stored(id)).toMatchObject({ status: "rejected" });
  const { findings, promotions } = await verified(await packOf({ house }));
  expect(findings).toEqual([]);
  expect(promotions).toMatchObject([{ outcome: "PASSED", status: "rejected" }]);
});
