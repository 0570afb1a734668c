import { expect, it } from "vitest";
import { lentAfterWithdrawal } from "./lent-after-withdrawal.ts";
import { packOf, verified } from "./memory-pack.ts";

it.each([1, 4, 7])("a loan holds whose lender took an approval back %i seconds before", async (seconds) => {
  const house = await lentAfterWithdrawal(seconds);
  expect(house.facts.some(({ type }) => type === "deployment-started")).toBe(true);
  expect((await verified(await packOf({ house }, { goesOn: 60 }))).findings).toEqual([]);
});
