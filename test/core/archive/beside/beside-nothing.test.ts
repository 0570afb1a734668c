import { describe, expect, it } from "vitest";
import { besideNothing, ranThere, recheckBesideNothing } from "../../../../core/archive/beside/beside-nothing.ts";
import type { Served } from "../../../../core/archive/beside/what-served.ts";
import type { Step } from "../../../../core/archive/history/replay-promotion.ts";
import { addSeconds } from "../../../../core/encoding/instant.ts";
import type { FactType } from "../../../../core/promotion/fact.ts";
import { type PromotionId, promotionId } from "../../../../core/promotion/promotion-id.ts";
import { type ShadowPlan, shadowPlanDigest } from "../../../../core/promotion/shadow.ts";
import { digestOf, now } from "../../promotion/promotion-in-review.ts";
import { replayedOf, told } from "../told.ts";
import { stepOf } from "../told-steps.ts";

const plan: ShadowPlan = { durationSeconds: 3600, requests: 100, withinSeconds: 7200 } as ShadowPlan;
const { steps } = await replayedOf(told.deployed);
const gates = stepOf(steps, "gates");
const { requirements } = gates;
if (requirements === undefined) throw new Error("They are known.");
/** It says that nothing ran there, under a rule with this plan. */
const saying = (ofRule: ShadowPlan | undefined, body: object = { plan: shadowPlanDigest(plan) }): Step => ({
  ...gates,
  requirements: {
    ...requirements,
    rule: { ...requirements.rule, ...(ofRule === undefined ? {} : { shadow: ofRule }) },
  },
  record: {
    ...gates.record,
    type: "shadow-run",
    body: { state: "nothing-to-compare", ...body },
  },
});
const begun = (previous: string | null): Step => {
  const step = stepOf(steps, "deployment-started");
  return { ...step, record: { ...step.record, body: { ...step.record.body, previous } } };
};

describe("what says that nothing ran to compare it with", () => {
  const said = { index: gates.index, at: gates.record.at };

  it("is told with what its own deployment found", () => {
    expect(besideNothing([saying(plan)])).toEqual({ ...said, foundSome: false });
    expect(besideNothing([saying(plan), begun(null)])).toEqual({ ...said, foundSome: false });
    expect(besideNothing([saying(plan), begun("earlier")])).toEqual({ ...said, foundSome: true });
    // Of an earlier review.
    expect(besideNothing([begun("earlier"), saying(plan)])).toEqual({ ...said, foundSome: false });
  });

  it("is nothing where its rule asks for no run, or for another, or it ran", () => {
    expect(besideNothing([saying(undefined)])).toBeUndefined();
    expect(besideNothing([saying({ ...plan, requests: 7 })])).toBeUndefined();
    expect(besideNothing([saying(plan, { state: "running" })])).toBeUndefined();
    expect(besideNothing(steps)).toBeUndefined();
  });
});

describe("when a promotion ran", () => {
  const runs = async (promotion: PromotionId) => ranThere((await replayedOf(promotion)).steps);

  it("is also on loan, and while it was restricted, until something was done about it", async () => {
    const lent = (await replayedOf(told.lent)).steps;
    expect(await runs(told.lent)).toEqual({
      from: stepOf(lent, "loan-running").record.at,
      until: stepOf(lent, "loan-ended").record.at,
    });
    const at = (type: FactType) => stepOf(steps, type).record.at;
    const restricted = steps.slice(0, steps.indexOf(stepOf(steps, "drift")) + 1);
    expect(ranThere(restricted)).toEqual({ from: at("deployed") });
    expect(steps.filter(({ record }) => record.type === "remedy").length).toBeGreaterThan(0);
    const done = steps.find(({ record }) => record.type === "remedy" && record.body["state"] === "done")?.record.at;
    expect(ranThere(steps)).toEqual({ from: at("deployed"), until: done, stoppedAt: done });
    expect(await runs(told.rejected)).toBeUndefined();
  });
});

describe("that nothing ran in a target", () => {
  const of = (name: string, over: Partial<Served>): Served => ({
    promotion: promotionId(digestOf(name), 1),
    ...{ lane: "credit-scoring in production", index: 1, version: "1.0.0", freezeDigest: digestOf(name), compared: [] },
    ...over,
  });
  const at = (seconds: number) => addSeconds(now, seconds);
  const champion = of("champion", { from: at(-60) });
  const candidate = (foundSome: boolean) => of("candidate", { besideNothing: { index: 7, at: now, foundSome } });
  const untold =
    "What it did not run in shadow of, since nothing is said to have run there: its own deployment found something, and no record of the log tells what ran there then.";
  const sentences = (log: readonly Served[], foundSome: boolean, whole = true) => {
    const { findings, unchecked } = recheckBesideNothing([...log, candidate(foundSome)], () => whole);
    return [findings, unchecked].map((each) => each.map(({ sentence }) => sentence));
  };

  it("is found where something was deployed there, and its own deployment says so", () => {
    const { findings } = recheckBesideNothing([champion, candidate(true)], () => true);
    expect(findings).toEqual([
      {
        ...{ code: "gates-differ", path: "records/7.json", promotion: candidate(true).promotion },
        sentence: `It did not run in shadow, since nothing is said to have run there; ${champion.promotion} served in its target since ${champion.from}, and its own deployment found something.`,
      },
    ]);
  });

  it("is told by its records alone where what was deployed may have been taken out beside the service", () => {
    expect(sentences([champion], false)).toEqual([
      [],
      [expect.stringMatching(/^Whether nothing ran any more where p-.* had been deployed is told by its own records/)],
    ]);
  });

  it("is so where nothing was deployed, no more, not yet, or elsewhere, give or take a minute", () => {
    const others = [
      of("champion", { from: at(-59) }),
      of("champion", { from: at(-600), until: at(60) }),
      of("champion", {}),
      of("champion", { from: at(-600), lane: "credit-scoring in staging" }),
      // Its target led to another endpoint then, where it runs on.
      of("champion", { from: at(-600), place: "another" }),
    ];
    for (const each of others) {
      expect(sentences([each], false)).toEqual([[], []]);
      expect(sentences([each], true)).toEqual([[], [untold]]);
    }
    expect(sentences([of("champion", { from: at(-600), until: at(61) })], true)[0]).toHaveLength(1);
    // Nor is it beside itself.
    const own = { ...candidate(true), from: at(-600) };
    expect(recheckBesideNothing([own], () => true).findings).toEqual([]);
  });

  it("is no less wrong where what ran was lent, or had drifted and nothing was done about it yet", () => {
    const ran = (over: object) => of("champion", { ran: { from: at(-600), ...over } });
    for (const each of [ran({}), ran({ until: at(61) }), { ...ran({ until: at(61) }), from: at(-600), until: at(-60) }])
      expect(sentences([each], true)[0]).toHaveLength(1);
    expect(sentences([ran({ until: at(60) })], true)).toEqual([[], [untold]]);
  });

  it("is so once whatever ran there was stopped", () => {
    const stopped = (seconds: number) => [
      of("champion", { from: at(-900) }),
      of("newer", { ran: { from: at(-600), until: at(seconds), stoppedAt: at(seconds) } }),
    ];
    expect(sentences(stopped(-300), false)).toEqual([[], []]);
    expect(sentences(stopped(61), true)[0]).toHaveLength(1);
  });

  it("is said to be untold where the log does not tell of every release", () => {
    expect(sentences([champion], true, false)).toEqual([[], [expect.stringContaining("found something")]]);
    expect(sentences([champion], false, false)[1]?.[0]).toMatch(/^Whether nothing ran where it was to run in shadow/);
  });
});
