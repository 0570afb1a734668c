import { describe, expect, it } from "vitest";
import { type LentTime, lentTime, recheckUponLent } from "../../../../core/archive/beside/upon-lent.ts";
import { addSeconds } from "../../../../core/encoding/instant.ts";
import { promotionId } from "../../../../core/promotion/promotion-id.ts";
import { digestOf, now } from "../../promotion/promotion-in-review.ts";
import { packOf, verified } from "../memory-pack.ts";
import { replayedOf, told } from "../told.ts";
import { momentOf } from "../told-steps.ts";
import { releasedUponLent } from "../upon-lent.ts";

const [lent, newer] = [promotionId(digestOf("lent"), 1), promotionId(digestOf("newer"), 1)];
const at = (seconds: number) => addSeconds(now, seconds);

/** What is said of a release that found something there at an instant. */
function said(time: LentTime | undefined, found: { readonly begins?: number; readonly promotion?: typeof lent } = {}) {
  const sentences: string[] = [];
  const place = { promotion: newer, found: [{ id: `${newer}/8`, at: at(600), begins: 25, promotion: lent, ...found }] };
  const own = { promotion: lent, ...(time === undefined ? {} : { lent: time }) };
  recheckUponLent(place, new Map([[lent, own]]), (of, { code, path, promotion, sentence }) => {
    expect([of, promotion]).toEqual([at(600), newer]);
    sentences.push(`${code} ${path}: ${sentence}`);
  });
  return sentences;
}

describe("a release", () => {
  it("does not begin upon what is on loan", () => {
    const wrong = `deployment-differs records/25.json: '${newer}/8' began upon ${lent}, which is on loan and began to be deployed at ${at(60)}: nobody had ratified that, nor was it taken back.`;
    expect(said({ from: at(60) })).toEqual([wrong]);
    expect(said({ from: at(60), until: at(606) })).toEqual([wrong]);
  });

  it("begins upon what was ratified or taken back by then, or was never lent", () => {
    expect(said({ from: at(60), until: at(605) })).toEqual([]);
    expect(said({ from: at(601) })).toEqual([]);
    expect(said(undefined)).toEqual([]);
    expect(said({ from: at(60) }, { promotion: newer })).toEqual([]);
    expect(said({ from: at(60) }, { promotion: promotionId(digestOf("other"), 1) })).toEqual([]);
  });

  it("is not found yet while that it was ratified may be on its way to the log", async () => {
    const { house } = await releasedUponLent("ratified");
    const facts = house.facts.filter(({ type }) => type !== "loan-ratified");
    const soon = await verified(await packOf({ house }, { facts, goesOn: 0 }));
    expect(soon.findings).toEqual([]);
    expect(soon.unchecked.map(({ sentence }) => sentence)).toContainEqual(
      expect.stringMatching(/^Whether what is missing was on its way to the log.* began upon .*, which is on loan/),
    );
    const { findings } = await verified(await packOf({ house }, { facts }));
    expect(findings).toContainEqual(
      expect.objectContaining({
        code: "deployment-differs",
        sentence: expect.stringContaining("which is on loan"),
      }),
    );
  });
});

describe("when something may have served on loan", () => {
  it("is from when it began to be deployed until it was ratified, or serves no more", async () => {
    const of = async (promotion: Parameters<typeof replayedOf>[0]) => (await replayedOf(promotion)).steps;
    const [ratified, taken, deployed] = [await of(told.ratified), await of(told.lent), await of(told.deployed)];
    expect(lentTime(ratified)).toEqual({
      from: momentOf(ratified, "deployment-started"),
      until: momentOf(ratified, "loan-ratified"),
    });
    expect(lentTime(taken)).toEqual({
      from: momentOf(taken, "deployment-started"),
      until: momentOf(taken, "loan-taken-back"),
    });
    const running = taken.slice(0, 1 + taken.findIndex(({ record }) => record.type === "deployment-started"));
    expect(lentTime(running)).toEqual({ from: momentOf(taken, "deployment-started") });
    expect(lentTime(deployed)).toBeUndefined();
  });
});
