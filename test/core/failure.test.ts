import { expect, it } from "vitest";
import { Failure } from "../../core/failure.ts";

it("is an error with a code that stays, a sentence and its cause", () => {
  const cause = new Error("the disk is full");
  const failure = new Failure("unavailable", "Please try again later.", { cause });
  expect(failure).toBeInstanceOf(Error);
  expect([failure.name, failure.code, failure.message, failure.cause]).toEqual([
    "Failure",
    "unavailable",
    "Please try again later.",
    cause,
  ]);
});
