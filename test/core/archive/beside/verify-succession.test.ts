import { describe, expect, it } from "vitest";
import { recheckSuccession, type Succession, successionIn } from "../../../../core/archive/beside/verify-succession.ts";
import { addSeconds } from "../../../../core/encoding/instant.ts";
import { promotionId } from "../../../../core/promotion/promotion-id.ts";
import { digestOf, now } from "../../promotion/promotion-in-review.ts";
import { replayedOf, told } from "../told.ts";

const lane = "credit-scoring in production";
const [first, second, third] = ["first", "second", "third"].map((name) => promotionId(digestOf(name), 1));
if (first === undefined || second === undefined || third === undefined) throw new Error("unreachable");
/** Its place was taken while people were asked. */
const older: Succession = {
  promotion: first,
  lane,
  askedAt: now,
  reviewed: true,
  by: { promotion: second, index: 5, at: addSeconds(now, 70), byItself: false },
};
const newer: Succession = {
  promotion: second,
  lane,
  askedAt: addSeconds(now, 60),
  reviewed: true,
  took: { promotions: [first], index: 9, at: addSeconds(now, 70) },
};
const { took: _, ...silent } = newer;
const sentences = (all: readonly Succession[], places: Parameters<typeof recheckSuccession>[1] = []) =>
  recheckSuccession(all, places, () => true).findings.map(({ path, sentence }) => `${path}: ${sentence}`);
const wrong = (why: string) => [`records/5.json: Its place was taken by ${second}, ${why}.`];

describe("a promotion whose place was taken", () => {
  it("names one that was asked for later, of the same model and target, which says so", () => {
    expect(sentences([older, newer])).toEqual([]);
  });

  it.each<[string, readonly Succession[], readonly string[]]>([
    ["is not in the log", [older], wrong("which the log does not have")],
    [
      "is of another target",
      [older, { ...newer, lane: "credit-scoring in staging" }],
      wrong("which is of another model or target"),
    ],
    [
      "was asked for before",
      [older, { ...newer, askedAt: addSeconds(now, -1) }],
      wrong("which was not asked for later"),
    ],
    ["does not say so", [older, silent], wrong("which does not say so")],
    [
      "says so of another",
      [older, { ...newer, took: { promotions: [third], index: 9, at: now } }],
      [...wrong("which does not say so"), `records/9.json: It took the place of ${third}, which does not say so.`],
    ],
  ])("names none that %s", (_, all, found) => {
    expect(sentences(all)).toEqual(found);
  });

  it("names none that says otherwise in a part of the log that has both, and one that is not there is not missed", () => {
    const inPart = (...all: readonly Succession[]) => {
      const { findings, unchecked } = recheckSuccession(
        all,
        [],
        () => false,
        undefined,
        () => true,
      );
      expect(unchecked.length).toBe(all.filter(({ by }) => by !== undefined).length);
      return findings.map(({ path, sentence }) => `${path}: ${sentence}`);
    };
    expect(inPart(older, newer)).toEqual([]);
    expect(inPart(older)).toEqual([]);
    expect(inPart(newer)).toEqual([]);
    expect(inPart(older, silent)).toEqual(wrong("which does not say so"));
    expect(inPart(older, { ...newer, askedAt: addSeconds(now, -1) })).toEqual(wrong("which was not asked for later"));
    const { by: __, ...untaken } = older;
    expect(inPart(untaken, newer)).toEqual([`records/9.json: It took the place of ${first}, which does not say so.`]);
  });

  it("names whoever was through before it, which knows nothing of it", () => {
    const byItself = { ...older, by: { promotion: second, index: 5, at: now, byItself: true } };
    expect(sentences([byItself], [silent])).toEqual([]);
    expect(sentences([byItself], [{ ...silent, askedAt: now, promotion: second }])).toHaveLength(
      second > first ? 0 : 1,
    );
  });

  it("may name one that ended before it could say so", () => {
    const { reviewed: __, ...ended } = silent;
    expect(sentences([older], [ended])).toEqual([]);
    expect(sentences([older], [silent])).toEqual(wrong("which does not say so"));
  });

  it("says itself whose place another claims to have taken", () => {
    const { by: __, ...open } = older;
    expect(sentences([open, newer])).toEqual([`records/9.json: It took the place of ${first}, which does not say so.`]);
    const byAnother = { ...older, by: { promotion: third, index: 5, at: now, byItself: true } };
    const last = { ...silent, promotion: third };
    expect(sentences([byAnother, newer], [last])).toEqual([
      `records/9.json: It took the place of ${first}, which does not say so.`,
    ]);
  });

  it("cannot be held against the other in a part of the log", () => {
    expect(recheckSuccession([older, newer], [], () => false)).toMatchObject({
      findings: [],
      unchecked: [{ promotion: first }],
    });
  });
});

describe("what records tell of it", () => {
  it("is who took whose place", async () => {
    const lost = told.house.facts.find(
      ({ type, body }) => type === "superseded" && body["by"] === told.kept,
    )?.promotion;
    if (lost === undefined) return expect.unreachable();
    const [displaced, kept] = [await replayedOf(lost), await replayedOf(told.kept)];
    const all = [displaced, kept].map(({ steps }) => successionIn(steps));
    expect(all).toMatchObject([
      { promotion: lost, reviewed: true, by: { promotion: told.kept, byItself: false } },
      { promotion: told.kept, reviewed: true, took: { promotions: [lost] } },
    ]);
    expect(sentences(all.flatMap((each) => each ?? []))).toEqual([]);
  });

  it("says whether people had been asked when its place was taken, and whether it was at its gates still", async () => {
    const id = told.house.facts.find(({ type }) => type === "superseded")?.promotion ?? expect.unreachable();
    const { steps } = await replayedOf(id);
    expect(successionIn(steps)).toMatchObject({ reviewed: true, by: { byItself: false } });
    const unasked = steps.filter(({ record }) => record.type !== "stage-opened");
    expect(successionIn(unasked)).not.toHaveProperty("reviewed");
    const gating = steps.map((step) =>
      step.record.type === "superseded" && step.before !== undefined
        ? { ...step, before: { ...step.before, status: "gating" as const } }
        : step,
    );
    expect(successionIn(gating)).toMatchObject({ by: { byItself: true } });
  });

  it.each<[string, object, boolean]>([
    ["had come back from its deployment under conditions", { breach: {}, fallen: [] }, true],
    ["was in review for another reason", { fallen: [] }, false],
  ])("says whether it makes place by itself: it %s", async (_, body, byItself) => {
    const id = told.house.facts.find(({ type }) => type === "superseded")?.promotion ?? expect.unreachable();
    const { steps } = await replayedOf(id);
    const place = steps.findIndex(({ record }) => record.type === "superseded");
    const back = steps.map((step, at) =>
      at === place - 1
        ? { ...step, record: { ...step.record, type: "seat-reopened" as const, body: { ...body } } }
        : step,
    );
    expect(successionIn(back)).toMatchObject({ by: { byItself } });
  });

  it("is nothing of a promotion that is in nobody's place, unless it is of policies, whose place is told nowhere else", async () => {
    expect(successionIn((await replayedOf(told.deployed)).steps)).toBeUndefined();
    expect(successionIn((await replayedOf(told.policies)).steps)).toMatchObject({ promotion: told.policies });
  });
});
