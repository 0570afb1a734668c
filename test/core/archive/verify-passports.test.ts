import { describe, expect, it } from "vitest";
import type { PromotionRecord } from "../../../core/archive/promotion-file.ts";
import type { Step } from "../../../core/archive/replay-promotion.ts";
import { recheckPassports } from "../../../core/archive/verify-passports.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { FactType, LedgerRecord } from "../../../core/promotion/fact.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { digestOf } from "../promotion/promotion-in-review.ts";
import { recordsOf, replayedOf, told } from "./told.ts";

const rollout = told.house.facts.find(({ type }) => type === "passport-issued")?.promotion ?? ("" as PromotionId);
const { steps } = await replayedOf(rollout);
const records = recordsOf(told.house.facts).filter(({ record }) => record.promotion === rollout);
const recordOf = (type: FactType): PromotionRecord => {
  const found = records.find(({ record }) => record.type === type);
  if (found === undefined) throw new Error(`There is no ${type}.`);
  return found;
};
const issued = recordOf("passport-issued");
const redeemed = recordOf("passport-redeemed");
const saying = (
  each: PromotionRecord,
  body: LedgerRecord["body"],
  over: Partial<LedgerRecord> = {},
): PromotionRecord => ({
  ...each,
  record: { ...each.record, ...over, body: { ...each.record.body, ...body } },
});
const wrong = (of: readonly PromotionRecord[], life: readonly Step[] = steps) => recheckPassports(of, life);
const targeting = (change: object): readonly Step[] =>
  steps.map((step) => {
    const { manifest } = step.after;
    const target = { ...manifest.target, ...change } as typeof manifest.target;
    return { ...step, after: { ...step.after, manifest: { ...manifest, target } } };
  });

describe("a passport", () => {
  const says = (sentence: string) => [{ index: issued.index, sentence }];

  it("is issued to a pipeline that may deploy, and redeemed", () => {
    expect(wrong(records)).toEqual([]);
  });

  it("follows the beginning of the deployment", () => {
    const sentence = "A passport was issued before there was anything to deploy.";
    const begun = steps.find(({ record }) => record.type === "deployment-started");
    if (begun === undefined) throw new Error("Nothing was deployed.");
    const at = (seconds: number) => {
      const moment = addSeconds(begun.record.at, seconds);
      return saying(issued, { expiresAt: addSeconds(moment, 300) }, { at: moment });
    };
    expect(wrong([at(0)])).toEqual([]);
    expect(wrong([at(-1)])).toEqual(says(sentence));
    expect(
      wrong(
        [issued],
        steps.filter((step) => step !== begun),
      ),
    ).toEqual(says(sentence));
  });

  it("names the verdict that was signed", () => {
    expect(wrong([saying(issued, { verdict: digestOf("other") })])).toEqual(
      says("A passport names another verdict than was signed."),
    );
    const unsigned = steps.map((step) => {
      const { verdict: _, ...after } = step.after;
      return { ...step, after };
    });
    expect(wrong([issued], unsigned)).toEqual(says("A passport names another verdict than was signed."));
  });

  it("is good for five minutes", () => {
    const until = (seconds: number) => wrong([saying(issued, { expiresAt: addSeconds(issued.record.at, seconds) })]);
    expect(until(300)).toEqual([]);
    for (const seconds of [299, 301])
      expect(until(seconds)).toEqual(says("A passport is good for longer than five minutes."));
  });

  it("is for a target to which a pipeline deploys, and for somebody whom it names", () => {
    expect(wrong([issued], targeting({ kind: "sagemaker-endpoint" }))).toEqual(
      says("A passport was issued for a target to which no pipeline deploys."),
    );
    expect(wrong([saying(issued, { audience: "other" })])).toEqual(
      says("A passport is for somebody that the target does not name."),
    );
    expect(wrong([saying(issued, { audience: "other" })], targeting({ audiences: ["vault", "other"] }))).toEqual([]);
  });

  it("is redeemed once it was issued", () => {
    const sentence = "A passport was redeemed that was not issued.";
    expect(wrong([redeemed])).toEqual([{ index: redeemed.index, sentence }]);
    expect(wrong([issued, saying(redeemed, { passport: "another" })])).toEqual([{ index: redeemed.index, sentence }]);
  });
});
