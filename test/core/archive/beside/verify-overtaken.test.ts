import { describe, expect, it } from "vitest";
import {
  passportsIn,
  recheckOvertaken,
  recheckPassportsInTurn,
  turnIn,
} from "../../../../core/archive/beside/verify-overtaken.ts";
import { addSeconds } from "../../../../core/encoding/instant.ts";
import type { FactType } from "../../../../core/promotion/fact.ts";
import { promotionId } from "../../../../core/promotion/promotion-id.ts";
import { digestOf, now } from "../../promotion/promotion-in-review.ts";
import { overtaken } from "../overtaken.ts";
import { packOf, verified } from "../pack-fixture.ts";
import { replayedOf, told } from "../told.ts";
import { momentOf } from "../told-steps.ts";

const lane = "credit-scoring in production";
const id = (name: string) => promotionId(digestOf(name), 1);
const at = (seconds: number) => addSeconds(now, seconds);
const older = {
  ...{ promotion: id("older"), lane, index: 3, askedAt: now },
  ...{ aheadAt: at(60), beganAt: at(7261), closedAt: at(7261) },
};
const newer = { promotion: id("newer"), lane, index: 9, askedAt: at(3600), aheadAt: at(7200) };
const { beganAt: _, ...ended } = { ...older, closedAt: at(7200) };
const { aheadAt: __, ...stopped } = newer;
type Candidate = Parameters<typeof recheckOvertaken>[0][number];
const unexpected = () => expect.unreachable();
const found = (...all: readonly Candidate[]) =>
  recheckOvertaken(
    all,
    () => true,
    () => true,
    unexpected,
  );

describe("a candidate that is deployed although a newer one of its model was in its place", () => {
  it("is found where it began after that one was through its gates", () => {
    expect(found(older, newer)).toEqual([
      {
        code: "life-cycle",
        path: "records/3.json",
        promotion: older.promotion,
        sentence: `It began to be deployed, or was lent for that, at ${at(7261)}, and ${newer.promotion}, which was asked for later, had come through its gates by ${at(7200)}: that one takes the place of what is older.`,
      },
    ]);
    expect(found(newer, older)).toHaveLength(1);
  });

  it.each<[string, readonly Candidate[]]>([
    ["at the same time, as clocks tell", [{ ...older, beganAt: at(7260), closedAt: at(7260) }, newer]],
    ["never", [ended, newer]],
    ["before one that its gates stopped", [older, stopped]],
    ["in another target", [older, { ...newer, lane: "credit-scoring in staging" }]],
    [
      "later itself",
      [
        { ...older, askedAt: at(3601), aheadAt: at(7150) },
        { ...newer, closedAt: at(7160) },
      ],
    ],
  ])("is none that began %s", (_, all) => {
    expect(found(...all)).toEqual([]);
  });

  it("is held against whichever of those that are newer was through first", () => {
    const first = { ...newer, aheadAt: at(4000), closedAt: at(5000) };
    const third = { ...newer, promotion: id("third"), askedAt: at(5000), aheadAt: at(5100) };
    expect(found(older, first, third).map(({ sentence }) => sentence)).toEqual([
      expect.stringContaining(first.promotion),
    ]);
    expect(found({ ...older, beganAt: at(4060), closedAt: at(4060) }, first, third)).toEqual([]);
  });

  it("is the one of the smaller name, of two that were asked for at one instant", () => {
    const [first, second] = [older.promotion, newer.promotion].toSorted();
    if (first === undefined || second === undefined) throw new Error("unreachable");
    const twin = { ...newer, askedAt: older.askedAt, aheadAt: at(100), closedAt: at(110) };
    expect(found({ ...older, promotion: first }, { ...twin, promotion: second })).toHaveLength(1);
    expect(found({ ...older, promotion: second }, { ...twin, promotion: first })).toEqual([]);
  });

  it("is not told of where the log does not tell all of the lane", () => {
    expect(
      recheckOvertaken(
        [older, newer],
        () => false,
        () => false,
        unexpected,
      ),
    ).toEqual([]);
  });
});

describe("a candidate about which people are asked although a newer one of its model was in its place", () => {
  it.each<[string, object, string]>([
    ["was open after that one was through its gates", { closedAt: at(7261) }, `was open until ${at(7261)}`],
    ["came through its own later", { aheadAt: at(7261), closedAt: at(7300) }, `came through its gates at ${at(7261)}`],
  ])("is found where it %s", (_, over, how) => {
    expect(found({ ...ended, ...over }, newer)).toEqual([
      {
        code: "life-cycle",
        path: "records/3.json",
        promotion: older.promotion,
        sentence: `It ${how}, and ${newer.promotion}, which was asked for later, had come through its gates by ${at(7200)}: that one takes the place of what is older.`,
      },
    ]);
  });

  it.each<[string, object]>([
    ["was over or on its way to its target by then", { closedAt: at(7260) }],
    ["came through its gates at the same time, as clocks tell", { aheadAt: at(7260), closedAt: at(7260) }],
    ["never came through its own", { aheadAt: undefined, closedAt: at(9000) }],
  ])("is none that %s", (_, over) => {
    const { aheadAt, ...rest } = { ...ended, ...over };
    expect(found({ ...rest, ...(aheadAt === undefined ? {} : { aheadAt }) }, newer)).toEqual([]);
  });

  it("is found where it is said to be over nowhere, unless that is on its way; a part may leave it out", () => {
    const { closedAt: ___, ...open } = ended;
    const said: unknown[] = [];
    const inLog = (told: boolean) =>
      recheckOvertaken(
        [open, newer],
        () => true,
        () => told,
        (...all) => said.push(all),
      );
    expect(inLog(false)).toEqual([]);
    expect(said).toEqual([]);
    expect(inLog(true)).toEqual([]);
    expect(said).toEqual([
      [at(7200), expect.objectContaining({ sentence: expect.stringMatching(/^It is said to be over nowhere, and /) })],
    ]);
  });
});

describe("a passport", () => {
  const { beganAt: ___, ...asked } = older;
  const released = { ...newer, released: [{ from: at(7200) }] };
  const held = (seconds: number, ...others: readonly Candidate[]) => {
    const sentences: string[] = [];
    const passports = [{ index: 12, at: at(seconds) }];
    recheckPassportsInTurn([{ ...asked, passports }, ...others], (said, { code, path, promotion, sentence }) => {
      expect([said, promotion]).toEqual([at(seconds), older.promotion]);
      sentences.push(`${code} ${path}: ${sentence}`);
    });
    return sentences;
  };

  it("serves for none that is older than what its pipeline deploys, or has deployed", () => {
    expect(held(7265, released)).toEqual([
      `deployment-unapproved records/12.json: A passport was issued or redeemed at ${at(7265)}, when ${newer.promotion}, which was asked for later, was being deployed there, or was: an older one is not deployed over that any more.`,
    ]);
    const again = [{ from: at(3700), until: at(3800) }, { from: at(7200) }];
    expect(held(7265, { ...newer, released: again })).toHaveLength(1);
    expect(held(7265, { ...newer, released: [{ from: at(7200), until: at(7273) }] })).toHaveLength(1);
  });

  it.each<[string, number, readonly Candidate[]]>([
    ["by an index that is a minute behind", 7264, [released]],
    ["while that one is taken out again", 7265, [{ ...newer, released: [{ from: at(7200), until: at(7272) }] }]],
    ["beside one that is not deployed", 7265, [newer]],
    ["beside one that was asked for before, or at once", 7265, [{ ...released, askedAt: now }]],
    ["before one that was asked for afterwards", 7265, [{ ...released, askedAt: at(7266) }]],
  ])("serves %s", (_, seconds, others) => {
    expect(held(seconds, ...others)).toEqual([]);
  });

  it("is told by its records, and what a pipeline deploys from when until when it is", async () => {
    const { steps, history: records } = await replayedOf(told.deployed);
    expect(passportsIn(records)).toEqual({});
    const [first = expect.unreachable(), second = first] = records;
    const as = (each: typeof first, type: FactType) => ({ ...each, record: { ...each.record, type } });
    expect(passportsIn([as(first, "passport-issued"), as(second, "passport-redeemed")])).toEqual({
      passports: [first, second].map(({ index, record }) => ({ index, at: record.at })),
    });
    const target = {
      name: "rollout",
      kind: "pipeline",
      endpoint: "m",
      audiences: ["vault"],
      withinSeconds: 60,
    } as const;
    const byPipeline = steps.map((step) => ({
      ...step,
      after: { ...step.after, manifest: { ...step.after.manifest, target } },
    }));
    const from = momentOf(steps, "deployment-started");
    expect(turnIn(byPipeline).released).toEqual([{ from }]);
    const back = byPipeline.map((step) =>
      step === byPipeline.at(-1) ? { ...step, after: { ...step.after, status: "rolled-back" as const } } : step,
    );
    expect(turnIn(back).released).toEqual([{ from, until: steps.at(-1)?.record.at }]);
    expect(turnIn(byPipeline.slice(0, 3))).not.toHaveProperty("released");
  });
});

describe("when it is whose turn", () => {
  it("is told by the first stage, and by the first deployment or the loan before it", async () => {
    const { steps } = await replayedOf(told.deployed);
    expect(turnIn(steps)).toEqual({
      aheadAt: momentOf(steps, "stage-opened"),
      beganAt: momentOf(steps, "deployment-started"),
      closedAt: momentOf(steps, "deployment-started"),
    });
    const lent = steps.map((step) =>
      step.record.type === "verdict" ? { ...step, record: { ...step.record, type: "loan" as const } } : step,
    );
    expect(turnIn(lent)).toMatchObject({ beganAt: momentOf(steps, "verdict") });
    expect(turnIn(steps.slice(0, 3))).toEqual({});
  });
});

describe("a log in which an older candidate came back over a newer one", () => {
  it("does not hold, and says so of the older one", async () => {
    const { house, older: lost } = await overtaken();
    const { findings, promotions } = await verified(await packOf({ house }));
    expect(findings).toEqual([
      expect.objectContaining({
        code: "life-cycle",
        promotion: lost,
        sentence: expect.stringContaining("that one takes the place of what is older"),
      }),
    ]);
    expect(promotions.map(({ outcome }) => outcome)).toEqual(["FAILED", "PASSED"]);
  });
});
