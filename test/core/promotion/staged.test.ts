import { expect, it } from "vitest";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { madeAnew } from "../../../core/promotion/staged.ts";
import { now } from "./promotion-in-review.ts";

const staged = { model: now, configuration: addSeconds(now, 5) };

it.each([
  ["of what stays as it was, nothing", staged, undefined],
  ["what has another time", { ...staged, configuration: addSeconds(now, 6) }, "configuration"],
  ["what is there no more", { model: now }, "configuration"],
  ["what is there since", { ...staged, alias: now }, "alias"],
])("was made anew: %s", (_, then, what) => {
  expect(madeAnew(then, staged)).toBe(what);
});
