import { expect, it } from "vitest";
import { isPersonalRecord } from "../../../core/archive/personal-data.ts";
import { factTypes } from "../../../core/promotion/fact.ts";

it("whatever becomes of a letter names the person who gets it", () => {
  const ofLetters = factTypes.filter((type) => type.startsWith("notification-"));
  expect(ofLetters.length).toBeGreaterThan(1);
  expect(ofLetters.filter((type) => !isPersonalRecord(type))).toEqual([]);
});
