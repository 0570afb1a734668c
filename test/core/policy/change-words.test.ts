import { expect, it } from "vitest";
import { statusWords } from "../../../core/policy/change-words.ts";

it.each([
  ["deployed", "put in force"],
  ["deploying", "being put in force"],
  ["rejected", "rejected"],
] as const)("policies that are %s are called %s, and a model is what it is", (status, words) => {
  expect(statusWords(status, true)).toBe(words);
  expect(statusWords(status, false)).toBe(status);
});
