import { expect, it } from "vitest";
import { recheckKeptPast } from "../../../../core/archive/beside/kept-past.ts";
import { addSeconds } from "../../../../core/encoding/instant.ts";
import { promotionId } from "../../../../core/promotion/promotion-id.ts";
import { digestOf, now } from "../../promotion/promotion-in-review.ts";

const lane = "credit-scoring in production";
const of = (name: string, seconds: number, ahead?: number) => ({
  promotion: promotionId(digestOf(name), 1),
  lane,
  askedAt: addSeconds(now, seconds),
  ...(ahead === undefined ? {} : { aheadAt: addSeconds(now, ahead) }),
});
const [older, newer] = [of("older", 0, 10), of("newer", 1_000, 1_100)];
const kept = {
  ...{ promotion: newer.promotion, index: 7, from: older.promotion, at: addSeconds(now, 1_000) },
  ...{ signOff: digestOf("sign-off"), envelope: digestOf("envelope"), recordedAt: now, beside: "{}" },
};
const pathsOf = (...between: readonly Parameters<typeof recheckKeptPast>[1][number][]) =>
  recheckKeptPast([kept], [newer, ...between, older], () => true).map(({ path }) => path);

it("what is kept from a candidate is kept past none that was asked for since and was through its gates", () => {
  expect(pathsOf()).toEqual([]);
  const [between] = [of("between", 500, 940)];
  expect(recheckKeptPast([kept], [newer, between, older], () => true)).toEqual([
    {
      code: "sign-off-invalid",
      path: "records/7.json",
      promotion: newer.promotion,
      sentence: `The sign-off ${kept.signOff} is kept from ${older.promotion}, although ${between.promotion}, which was asked for later, had come through its gates by ${between.aheadAt}: that one took its place, or had to.`,
    },
  ]);
});

it("others are nothing to it: those that were stopped at their gates, older and newer ones, and of another model or target", () => {
  expect(pathsOf(of("stopped", 500))).toEqual([]);
  expect(pathsOf(of("late", 500, 941))).toEqual([]);
  expect(pathsOf(of("before", -1, 5), of("after", 1_001, 900))).toEqual([]);
  expect(pathsOf({ ...of("elsewhere", 500, 600), lane: "credit-scoring in staging" })).toEqual([]);
});

it("nothing is held against what is not here, or of which one must not be held against the other", () => {
  const between = of("between", 500, 600);
  expect(recheckKeptPast([kept], [newer, between], () => true)).toEqual([]);
  expect(recheckKeptPast([kept], [between, older], () => true)).toEqual([]);
  expect(recheckKeptPast([kept], [newer, between, older], () => false)).toEqual([]);
  expect(recheckKeptPast([], [newer, between, older], () => true)).toEqual([]);
});
