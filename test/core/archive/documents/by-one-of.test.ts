import { expect, it } from "vitest";
import { byOneOf } from "../../../../core/archive/documents/by-one-of.ts";

it("what is wrong by every way is wrong as by the first, and nothing is where one way has nothing wrong", () => {
  const wrong = (...each: readonly (string | undefined)[]) => each;
  expect(byOneOf([wrong("a", undefined), wrong("b")], (way) => way)).toEqual(["a", undefined]);
  expect(byOneOf([wrong("a"), wrong(undefined), wrong("b")], (way) => way)).toEqual([]);
  expect(byOneOf([], () => wrong("a"))).toEqual([]);
});
