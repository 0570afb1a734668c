import { describe, expect, it } from "vitest";
import type { Step } from "../../../../core/archive/history/replay-promotion.ts";
import type { PromotionRecord } from "../../../../core/archive/pack/promotion-file.ts";
import { recheckPassports } from "../../../../core/archive/promotion/verify-passports.ts";
import { addSeconds, type Instant, msOfInstant } from "../../../../core/encoding/instant.ts";
import type { FactType, LedgerRecord } from "../../../../core/promotion/fact.ts";
import type { PromotionId } from "../../../../core/promotion/promotion-id.ts";
import { digestOf } from "../../promotion/promotion-in-review.ts";
import { recordsOf, replayedOf, told } from "../told.ts";

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
    // Give or take what clocks differ by.
    expect(wrong([at(-5)])).toEqual([]);
    expect(wrong([at(-6)])).toEqual(says(sentence));
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

  const moved = (each: PromotionRecord, seconds: number): PromotionRecord => {
    const at = addSeconds(each.record.at, seconds);
    return each === issued ? saying(issued, { expiresAt: addSeconds(at, 300) }, { at }) : saying(each, {}, { at });
  };
  const seconds = (from: Instant, to: Instant) => (msOfInstant(to) - msOfInstant(from)) / 1000;
  const ended = steps.find(({ before, after }) => before?.status === "deploying" && after.status !== "deploying");
  const over = ended?.record.at ?? expect.unreachable();

  it("is issued while there is something to deploy, under a verdict that is not over", () => {
    const sentence = "A passport was issued when nothing was to be deployed any more.";
    const left = seconds(issued.record.at, over);
    expect(wrong([moved(issued, left + 4)])).toEqual([]);
    expect(wrong([moved(issued, left + 5)])).toEqual(says(sentence));
    const report = saying(recordOf("deployment-reported"), {}, { at: addSeconds(issued.record.at, -4) });
    expect(wrong([issued, report])).toEqual([]);
    expect(wrong([issued, saying(report, {}, { at: addSeconds(issued.record.at, -5) })])).toEqual(says(sentence));
    const signed = (ago: number) =>
      steps.map((step) => {
        const { verdict } = step.after;
        const at = addSeconds(issued.record.at, -ago);
        return verdict === undefined ? step : { ...step, after: { ...step.after, verdict: { ...verdict, at } } };
      });
    expect(wrong([issued], signed(3604))).toEqual([]);
    expect(wrong([issued], signed(3605))).toEqual(says("A passport was issued under a verdict that was over."));
  });

  it("is one at a time, and one of five", () => {
    const long = steps.filter((step) => step !== ended && step.after.status !== "deployed");
    const next = (by: number, index: number) => ({ ...moved(issued, by), index });
    expect(wrong([issued, next(300, 901)], long)).toEqual([]);
    expect(wrong([next(299, 901), issued], long)).toEqual([
      { index: 901, sentence: "A passport was issued while another was good." },
    ]);
    const many = [0, 300, 600, 900, 1200, 1500].map((by, at) => next(by, 900 + at));
    expect(wrong(many, long)).toEqual([{ index: 905, sentence: "More than 5 passports were issued." }]);
  });

  it("is redeemed while it is good, and while there is something to deploy", () => {
    const long = steps.filter((step) => step !== ended && step.after.status !== "deployed");
    const says = (sentence: string) => [{ index: redeemed.index, sentence }];
    const at = (by: number) => saying(redeemed, {}, { at: addSeconds(issued.record.at, by) });
    for (const by of [-5, 304]) expect(wrong([issued, at(by)], long)).toEqual([]);
    for (const by of [-6, 305])
      expect(wrong([issued, at(by)], long)).toEqual(
        says("A passport was redeemed before it was issued, or when it was over."),
      );
    expect(wrong([issued, at(seconds(issued.record.at, over) + 4)])).toEqual([]);
    expect(wrong([issued, at(seconds(issued.record.at, over) + 5)])).toEqual(
      says("A passport was redeemed when nothing was being deployed any more."),
    );
  });
});
