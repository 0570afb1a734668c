import { describe, expect, it } from "vitest";
import { recheckCompared, type Served, servedIn } from "../../../../core/archive/beside/what-served.ts";
import { utf8 } from "../../../../core/encoding/bytes.ts";
import { addSeconds } from "../../../../core/encoding/instant.ts";
import { type PromotionId, promotionId } from "../../../../core/promotion/promotion-id.ts";
import { digestOf, now } from "../../promotion/promotion-in-review.ts";
import { replayedOf, told } from "../told.ts";
import { momentOf, stepOf } from "../told-steps.ts";

const at = (seconds: number) => addSeconds(now, seconds);
const lane = "credit-scoring in production";
/** The nth that was asked for, deployed ten minutes after the one before; each of another candidate. */
const release = (n: number, over: Partial<Served> = {}): Served => ({
  promotion: promotionId(digestOf(`release ${n}`), 1),
  lane,
  index: n * 10,
  version: `${n}.0.0`,
  freezeDigest: digestOf(`release ${n}`),
  from: at(n * 600),
  compared: [],
  ...over,
});
const releases = [1, 2, 3, 4].map((n) => release(n));
const asNamed = ({ version, freezeDigest, from = now }: Served) => ({ version, freezeDigest, deployedAt: from });
const gates = { index: 95, at: at(6000), most: 3 };
/** A candidate that was compared with these. */
const candidate = (named: readonly Served[], over: Partial<typeof gates> = {}): Served => ({
  promotion: promotionId(digestOf("candidate"), 1),
  lane,
  index: 90,
  version: "9.0.0",
  freezeDigest: digestOf("candidate"),
  compared: [{ ...gates, ...over, releases: named.map(asNamed) }],
});
const wrong = (log: readonly Served[], named: readonly Served[], over: Partial<typeof gates> = {}) =>
  recheckCompared([...log, candidate(named, over)], () => true).findings.map(({ sentence }) => sentence);
const pick = (...numbers: readonly number[]) => numbers.flatMap((n) => releases[n - 1] ?? []);

const noSuch = /^It was compared with 3\.0\.0, said to be deployed at .* and the log has no such release/;
const passedOver = (n: number) => new RegExp(`^It was not compared with ${n}\\.0\\.0 of p-`);

describe("what a candidate was compared with", () => {
  it("is what served in its target last, as many as are asked for", () => {
    expect(wrong(releases, pick(4, 3, 2))).toEqual([]);
    expect(wrong(releases, pick(4), { most: 1 })).toEqual([]);
    expect(wrong(releases.slice(0, 2), pick(2, 1))).toEqual([]);
    expect(wrong([], [])).toEqual([]);
  });

  const other = (over: Partial<Served>) =>
    releases.map((each) => (each.version === "3.0.0" ? { ...each, ...over } : each));
  it.each<[string, readonly Served[]]>([
    ["a release that the log does not have", releases.filter(({ version }) => version !== "3.0.0")],
    ["one of another version", other({ version: "3.1.0" })],
    ["one of another candidate", other({ freezeDigest: digestOf("other") })],
    ["one that came to serve at another time", other({ from: at(1801) })],
    ["one of another target", other({ lane: "credit-scoring in staging" })],
    ["one that was over by more than the tolerance", other({ until: at(6000 - 5) })],
    ["itself", other({ promotion: candidate([]).promotion })],
  ])("is not %s", (_, log) => {
    expect(wrong(log, pick(4, 3, 2))).toEqual([expect.stringMatching(noSuch)]);
  });

  it("is neither what came to serve later, nor one release twice", () => {
    expect(wrong(releases, pick(4, 3, 2), { at: at(2400 - 6) })[0]).toMatch(/^It was compared with 4\.0\.0/);
    expect(wrong(releases, pick(4, 3, 3))).toEqual([expect.stringMatching(noSuch)]);
  });

  it("is told the newest first, and no more than are asked for", () => {
    const sentence = "It was compared with 3 releases, and its thresholds ask for the last";
    expect(wrong(releases, pick(4, 2, 3))).toEqual([`${sentence} 3, the newest first.`]);
    expect(wrong(releases, pick(4, 3, 2), { most: 2 })).toEqual([`${sentence} 2, the newest first.`]);
  });

  it("passes over nothing that served", () => {
    expect(wrong(releases, [])).toEqual([expect.stringMatching(passedOver(4))]);
    expect(wrong(releases, pick(3, 2, 1))).toEqual([expect.stringMatching(passedOver(4))]);
    expect(wrong(releases, pick(4, 2, 1))).toEqual([expect.stringMatching(passedOver(3))]);
    expect(wrong(releases, pick(4, 3))).toEqual([expect.stringMatching(passedOver(2))]);
  });

  it("passes over what did not serve any more", () => {
    const log = releases.map((each) => (each.version === "4.0.0" ? { ...each, until: at(5000) } : each));
    expect(wrong(log, pick(3, 2, 1))).toEqual([]);
  });

  it("may or may not have seen what changed within five seconds", () => {
    for (const over of [{ until: at(6000 - 4) }, { until: at(6000 + 5) }, { from: at(6000 - 4) }, { from: at(6005) }]) {
      const latest = release(4, over);
      const log = [...releases.slice(0, 3), latest];
      expect(wrong(log, [latest, ...pick(3, 2)])).toEqual([]);
      expect(wrong(log, pick(3, 2, 1))).toEqual([]);
    }
    expect(wrong([...releases.slice(0, 3), release(4, { until: at(6006) })], pick(3, 2, 1))).toHaveLength(1);
    expect(wrong([...releases.slice(0, 3), release(4, { from: at(6000 - 5) })], pick(3, 2, 1))).toHaveLength(1);
  });

  it("may leave out what was asked for before all that it names: those are looked for first", () => {
    const late = release(0, { from: at(5000) });
    expect(wrong([late, ...releases], pick(4, 3, 2))).toEqual([]);
    expect(wrong([late, ...releases], pick(4, 3))).toEqual([
      expect.stringMatching(/^It was not compared with 0\.0\.0/),
    ]);
  });

  it("passes over nothing that a part of the log has, where it names fewer than are asked for", () => {
    const wrongIn = (log: readonly Served[], named: readonly Served[]) => {
      const ofTwo = (of: string) => of === lane;
      const { findings, unchecked } = recheckCompared([...log, candidate(named)], () => false, undefined, ofTwo);
      expect(unchecked).toHaveLength(1);
      return findings.map(({ sentence }) => sentence);
    };
    expect(wrongIn(pick(3), pick(4, 2))).toEqual([expect.stringMatching(passedOver(3))]);
    expect(wrongIn(pick(2, 3), [])).toEqual([expect.stringMatching(passedOver(3))]);
    expect(wrongIn([release(3, { until: at(6005) })], pick(4, 2))).toEqual([]);
    // Others may be there that were asked for later.
    expect(wrongIn(pick(3), pick(4, 2, 1))).toEqual([]);
    expect(wrongIn(pick(3), pick(4, 3))).toEqual([]);
  });

  it("is found at the record of the gates, and cannot be told from a part of the log", () => {
    const all = [...releases, candidate([])];
    expect(recheckCompared(all, () => true).findings).toMatchObject([
      { code: "gates-differ", path: "records/95.json", promotion: candidate([]).promotion },
    ]);
    expect(recheckCompared(all, () => false)).toMatchObject({
      findings: [],
      unchecked: [{ promotion: candidate([]).promotion, sentence: expect.stringContaining("the whole log") }],
    });
    expect(recheckCompared(releases, () => false).unchecked).toEqual([]);
  });
});

describe("when a promotion served, and what it was compared with,", () => {
  const served = async (promotion: PromotionId) => {
    const { steps } = await replayedOf(promotion);
    return { steps, served: await servedIn(steps, async (sha256) => told.house.blobs.get(sha256)) };
  };

  it("is told by its records and by the document beside its gates", async () => {
    const { steps, served: own } = await served(told.deployed);
    expect(own).toMatchObject({
      promotion: told.deployed,
      lane,
      index: stepOf(steps, "request").index,
      from: momentOf(steps, "deployed"),
      until: momentOf(steps, "drift"),
      compared: [{ index: stepOf(steps, "gates").index, at: momentOf(steps, "gates"), most: 3 }],
    });
  });

  it("is nothing of what was never deployed nor compared, of policies, and of what cannot be read", async () => {
    const { steps } = await served(told.deployed);
    expect(await servedIn(steps.slice(0, 2), async () => utf8(""))).toBeUndefined();
    expect((await served(told.policies)).served).toBeUndefined();
    expect(await servedIn([], async () => undefined)).toBeUndefined();
  });

  it("has no end where it serves on, and no comparison where that cannot be read", async () => {
    const { steps } = await served(told.deployed);
    const running = steps.slice(0, steps.indexOf(stepOf(steps, "deployed")) + 1);
    const own = await servedIn(running, async () => undefined);
    expect(own).toMatchObject({ from: momentOf(steps, "deployed"), compared: [] });
    expect(own).not.toHaveProperty("until");
  });
});
