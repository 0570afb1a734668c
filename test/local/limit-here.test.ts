import { expect, it } from "vitest";
import { limitHere, stretched } from "../../local/limit-here.ts";

it.each([
  ["itself alone", 0.1, 28_000],
  ["two more", 3, 84_000],
  ["whatever else there may be: four times at most", 20, 112_000],
])("a limit is as long as it takes on a machine that is shared with %s", (_, sharedBy, expected) => {
  expect(stretched(28_000, sharedBy)).toBe(expected);
});

it("a limit is never shorter here than on AWS", () => {
  expect(limitHere(28_000)).toBeGreaterThanOrEqual(28_000);
  expect(limitHere(28_000)).toBeLessThanOrEqual(112_000);
});
