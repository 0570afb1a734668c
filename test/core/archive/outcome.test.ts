import { expect, it } from "vitest";
import { outcomeOf } from "../../../core/archive/outcome.ts";
import { recordsOf, told } from "./told.ts";

const of = (promotion: string) => recordsOf(told.house.facts).filter(({ record }) => record.promotion === promotion);

it.each([
  [told.deployed, "Deployed", "deployed"],
  [told.kept, "Rolled back", "rolled-back"],
  [told.rejected, "Rejected", "rejected"],
  [told.withdrawn, "Withdrawn", "withdrawn"],
  [told.expired, "Expired", "expired"],
  [told.blocked, "Blocked", "blocked"],
  [told.lent, "Expired", "loan-ended"],
  [told.ratified, "Deployed", "loan-ratified"],
])("a promotion came to what its last record of that kind says: %s, %s", (promotion, word, type) => {
  const outcome = outcomeOf(of(promotion));
  expect([outcome?.word, outcome?.record.type]).toEqual([word, type]);
  expect(outcome?.record.promotion).toBe(promotion);
});

it("a promotion whose fate is open came to nothing yet", () => {
  expect(outcomeOf([])).toBeUndefined();
  expect(outcomeOf(of(told.deployed).slice(0, 6))).toBeUndefined();
});
