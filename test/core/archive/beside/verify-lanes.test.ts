import { describe, expect, it } from "vitest";
import { type LanePlace, lanePlace, recheckLanes } from "../../../../core/archive/beside/verify-lanes.ts";
import { turnIn } from "../../../../core/archive/beside/verify-overtaken.ts";
import { whatRan } from "../../../../core/archive/beside/what-ran.ts";
import { foundThere } from "../../../../core/archive/beside/what-was-found.ts";
import type { Step } from "../../../../core/archive/history/replay-promotion.ts";
import { addSeconds } from "../../../../core/encoding/instant.ts";
import type { FactType } from "../../../../core/promotion/fact.ts";
import type { Promotion } from "../../../../core/promotion/promotion.ts";
import { type PromotionId, promotionId } from "../../../../core/promotion/promotion-id.ts";
import { addressOf } from "../../../../core/promotion/room.ts";
import { digestOf, now } from "../../promotion/promotion-in-review.ts";
import { replayedOf, told } from "../told.ts";
import { momentOf, stepOf, withStep } from "../told-steps.ts";

const [former, later, other] = ["former", "later", "other"].map((name) => promotionId(digestOf(name), 1)) as [
  LanePlace["promotion"],
  LanePlace["promotion"],
  LanePlace["promotion"],
];
const lane = "credit-scoring in production";

const first: LanePlace = {
  promotion: former,
  lane,
  index: 0,
  askedAt: now,
  release: "first",
  deployedAt: addSeconds(now, 600),
  verdict: digestOf("verdict"),
  replacements: [],
};
const update: LanePlace = {
  ...first,
  promotion: later,
  index: 9,
  askedAt: addSeconds(now, 3600),
  release: "update",
  deployedAt: addSeconds(now, 7200),
  verdict: digestOf("another verdict"),
};
const back = { index: 20, at: addSeconds(now, 9000), to: former, verdict: digestOf("verdict") };
const drifted: LanePlace = { ...update, replacements: [back] };

const sentences = (places: readonly LanePlace[], whole = true) =>
  recheckLanes(places, () => whole).findings.map(({ path, sentence }) => `${path}: ${sentence}`);

describe("what is put back", () => {
  it("was deployed before, under the verdict that is named", () => {
    expect(recheckLanes([first, drifted], () => true)).toEqual({ findings: [], unchecked: [] });
  });

  const { verdict: _, deployedAt: __, ...never } = first;
  it.each<[string, readonly LanePlace[]]>([
    ["a promotion that was never deployed", [{ ...first, promotion: other }, never, drifted]],
    [
      "a promotion of another target",
      [
        { ...first, lane: "credit-scoring in staging" },
        { ...drifted, release: "first" },
      ],
    ],
    ["a promotion that there never was", [first, { ...update, replacements: [{ ...back, to: other }] }]],
    ["one under another verdict", [first, { ...update, replacements: [{ ...back, verdict: digestOf("no") }] }]],
    ["what had drifted itself", [{ ...first, deployedUntil: addSeconds(back.at, -961) }, drifted]],
    ["what was asked for in the same moment", [first, { ...drifted, askedAt: first.askedAt, release: "first" }]],
    [
      "what was deployed only later",
      [
        { ...first, deployedAt: addSeconds(now, 9999) },
        { ...drifted, release: "first" },
      ],
    ],
  ])("is not %s", (__, places) => {
    expect(sentences(places)).toEqual([
      expect.stringMatching(/was not deployed before it under the verdict that is named, or is not any more\.$/),
    ]);
  });

  it("is said to be untold where it is not in the pack", () => {
    const { findings, unchecked } = recheckLanes([drifted], () => false);
    expect(findings).toEqual([]);
    expect(unchecked).toMatchObject([
      {
        promotion: later,
        sentence: expect.stringMatching(
          /^Whether it was an update, as its request says, and no newer one had taken its place, is told by/,
        ),
      },
      { promotion: later, sentence: expect.stringContaining(former) },
    ]);
  });
});

describe("what drifted", () => {
  const at = addSeconds(now, 99_000);
  const wrong = (older: Partial<LanePlace>, newer: Partial<LanePlace> = {}) =>
    sentences([
      { ...first, driftedAt: at, ...older },
      { ...update, ...newer },
    ]);
  const instead = [`records/0.json: It is said to have drifted at ${at}, when ${later} ran in its place.`];

  it("is what was asked for last of what was deployed and not taken back", () => {
    expect(wrong({})).toEqual(instead);
    expect(wrong({}, { deployedUntil: addSeconds(now, 8000) })).toEqual(instead);
    expect(wrong({}, { driftedAt: at, lane: "credit-scoring in staging", release: "first" })).toEqual([]);
    expect(sentences([first, { ...update, driftedAt: at }])).toEqual([]);
  });

  it("may be what made place for another while somebody looked", () => {
    expect(wrong({}, { deployedAt: addSeconds(at, -960) })).toEqual(instead);
    expect(wrong({}, { deployedAt: addSeconds(at, -959) })).toEqual([]);
    expect(wrong({}, { goneAt: addSeconds(at, 6) })).toEqual(instead);
    expect(wrong({}, { goneAt: addSeconds(at, 5) })).toEqual([]);
  });

  it("is not told where not all of its lane is known", () => {
    expect(sentences([{ ...first, driftedAt: at }, update], false)).toEqual([]);
  });

  it("is looked for among the others only where something did, however many there are", () => {
    let asked = 0;
    const long = Array.from({ length: 300 }, (_, index): LanePlace => {
      const deployedAt = addSeconds(now, 600 + index);
      return {
        ...{ ...update, promotion: promotionId(digestOf(`${index}`), 1), index },
        get deployedAt() {
          asked += 1;
          return deployedAt;
        },
      };
    });
    expect(sentences(long)).toEqual([]);
    expect(asked).toBeLessThan(10 * long.length);
  });
});

describe("what is put back in a part of the log", () => {
  it("is judged where the one before is there too", () => {
    const { findings, unchecked } = recheckLanes([{ ...first, verdict: digestOf("no") }, drifted], () => false);
    expect(unchecked.map(({ promotion }) => promotion)).toEqual([former, later]);
    expect(findings).toEqual([
      {
        code: "deployment-differs",
        path: "records/20.json",
        promotion: later,
        sentence: `What is to serve instead, ${former}, was not deployed before it under the verdict that is named, or is not any more.`,
      },
    ]);
  });

  it("may have drifted while somebody looked", () => {
    expect(sentences([{ ...first, deployedUntil: addSeconds(back.at, -960) }, drifted])).toEqual([]);
  });

  it("may have been deployed in the same moment", () => {
    const atOnce = { ...first, deployedAt: back.at };
    expect(sentences([atOnce, { ...drifted, release: "first" }])).toEqual([]);
  });
});

describe("the place of a promotion among those of its model and target", () => {
  const placeOf = async (promotion: PromotionId, change = (steps: readonly Step[]) => steps) =>
    lanePlace(change((await replayedOf(promotion)).steps));
  /** As the promotion ended otherwise. */
  const ending = (change: (end: Promotion) => Promotion) => (steps: readonly Step[]) =>
    steps.map((step) => (step === steps.at(-1) ? { ...step, after: change(step.after) } : step));
  const remedying =
    (body: Step["record"]["body"], type: FactType = "remedy") =>
    (steps: readonly Step[]) =>
      withStep(steps, "remedy", ({ record }) => ({ record: { ...record, type, body: { ...record.body, ...body } } }));

  it("is told by its request, its verdict and the record that it runs", async () => {
    const { steps } = await replayedOf(told.deployed);
    expect(await placeOf(told.deployed)).toEqual({
      promotion: told.deployed,
      lane: "credit-scoring in production",
      place: addressOf(steps.at(-1)?.after.manifest.target ?? expect.unreachable()),
      reviewed: true,
      index: stepOf(steps, "request").index,
      askedAt: momentOf(steps, "request"),
      release: "first",
      deployedAt: momentOf(steps, "deployed"),
      deployedUntil: momentOf(steps, "drift"),
      driftedAt: momentOf(steps, "drift"),
      verdict: stepOf(steps, "verdict").record.attachments.find(({ name }) => name === "verdict.dsse.json")?.sha256,
      replacements: [],
      ...turnIn(steps),
      ...whatRan(steps, { kind: "sagemaker-endpoint" }),
      ...foundThere(steps),
    });
  });

  it("is one of nothing that ran where it was never deployed, whatever its verdict", async () => {
    for (const promotion of [told.withdrawn, told.kept]) {
      const place = await placeOf(promotion);
      expect(place).toMatchObject({ promotion, replacements: [] });
      expect(place).not.toHaveProperty("deployedAt");
      expect(place).not.toHaveProperty("verdict");
    }
  });

  it("has no verdict that allowed it where that failed, or was over a loan alone", async () => {
    const verdict = { sha256: digestOf("verdict"), at: now, result: "FAILED" as const };
    const lent = ({ verdict: _, ...end }: Promotion): Promotion => end;
    for (const change of [(end: Promotion) => ({ ...end, verdict }), lent]) {
      const place = await placeOf(told.deployed, ending(change));
      expect(place).toHaveProperty("deployedAt");
      expect(place).not.toHaveProperty("verdict");
    }
  });

  it("says nothing of its release where its request did not", async () => {
    const silent = ({ facts: _, ...end }: Promotion): Promotion => end;
    for (const change of [(end: Promotion) => ({ ...end, facts: {} }), silent])
      expect(await placeOf(told.deployed, ending(change))).not.toHaveProperty("release");
  });

  it("is none for policies, which run nowhere, and none for what cannot be read", async () => {
    expect(await placeOf(told.policies)).toBeUndefined();
    expect(lanePlace([])).toBeUndefined();
  });

  it("tells what was let serve again in its place, once that began", async () => {
    const { steps } = await replayedOf(told.deployed);
    const { index, record } = stepOf(steps, "remedy");
    const put = { remedy: "previous", to: former, verdict: digestOf("verdict") };
    expect((await placeOf(told.deployed, remedying(put)))?.replacements).toEqual([
      { index, at: record.at, to: former, verdict: digestOf("verdict") },
    ]);
    expect((await placeOf(told.deployed, remedying({ ...put, state: "done" })))?.replacements).toEqual([]);
    expect((await placeOf(told.deployed, remedying(put, "drift")))?.replacements).toEqual([]);
    expect((await placeOf(told.deployed, remedying({ remedy: "previous", to: former })))?.replacements).toEqual([]);
    const { to: _, ...nowhere } = put;
    expect((await placeOf(told.deployed, remedying(nowhere)))?.replacements).toEqual([]);
  });
});

describe("a release", () => {
  it("is no update before anything was deployed there, by which less may be asked for", () => {
    expect(sentences([{ ...first, release: "update" }])).toEqual([
      expect.stringMatching(/judged as an update, and no version of the model had been deployed/),
    ]);
  });

  it("is no first one after something was", () => {
    expect(sentences([first, { ...update, release: "first" }])).toEqual([
      expect.stringMatching(/judged as a first release, and a version of the model had been deployed/),
    ]);
  });

  it("may be either where the one before was deployed in the same moment", () => {
    const at = addSeconds(now, 3590);
    for (const release of ["first", "update"] as const)
      expect(
        sentences([
          { ...first, deployedAt: at },
          { ...update, release },
        ]),
      ).toEqual([]);
  });

  it("is held against the first that was ever deployed there, in whatever order they are told", () => {
    const between = { ...first, promotion: other, deployedAt: addSeconds(now, 1800), release: "first" as const };
    const asked = { ...update, askedAt: addSeconds(now, 900) };
    for (const places of [
      [first, { ...between, askedAt: now }, asked],
      [{ ...between, askedAt: now }, asked, first],
    ])
      expect(sentences(places)).toEqual([]);
    // By the later one alone it would be none.
    expect(sentences([{ ...between, askedAt: now }, asked])).toHaveLength(1);
  });

  it("that found nothing where something had been deployed is told by its record alone, in a part of the log too", () => {
    const gone = { ...update, foundNothing: { id: `${later}/9`, at: addSeconds(now, 7000) } };
    for (const whole of [true, false]) {
      const { findings, unchecked } = recheckLanes([first, gone], () => whole);
      expect(findings).toEqual([]);
      expect(unchecked.at(-1)).toMatchObject({ promotion: later, sentence: expect.stringContaining(`'${later}/9'`) });
    }
  });

  it("is not held against the log where not all of its model and target is told, and that is said of each", () => {
    const elsewhere = { ...first, promotion: other, lane: "credit-scoring in staging", release: "update" as const };
    const { findings, unchecked } = recheckLanes([{ ...first, release: "update" }, elsewhere], (each) => each !== lane);
    expect(findings).toMatchObject([{ promotion: other }]);
    expect(unchecked).toMatchObject([{ promotion: former }]);
  });

  it("that is said to be the first is held against each that is there, also where not all are", () => {
    const ofTwo = (each: LanePlace) =>
      recheckLanes(
        [first, each],
        () => false,
        undefined,
        () => true,
      );
    const { findings, unchecked } = ofTwo({ ...update, release: "first" });
    expect(findings).toMatchObject([{ promotion: later, sentence: expect.stringContaining("as a first release") }]);
    expect(unchecked).toMatchObject([{ promotion: former }, { promotion: later }]);
    expect(ofTwo({ ...update, release: "update" }).findings).toEqual([]);
    expect(ofTwo({ ...update, deployedAt: addSeconds(now, 1), askedAt: addSeconds(now, -9000) }).findings).toEqual([]);
  });

  it("that is wrong is told of its request", () => {
    expect(recheckLanes([{ ...first, release: "update" }], () => true).findings).toMatchObject([
      { code: "policy-differs", path: "records/0.json", promotion: former },
    ]);
  });

  it("may have been deployed up to the moment by which clocks and the index may be behind", () => {
    const updated = (seconds: number) => [
      { ...first, deployedAt: addSeconds(update.askedAt, seconds) },
      { ...update, deployedAt: addSeconds(now, 99_999) },
    ];
    expect(sentences(updated(5))).toEqual([]);
    expect(sentences(updated(6))).toHaveLength(1);
    const begun = (seconds: number) => [
      { ...first, deployedAt: addSeconds(update.askedAt, seconds) },
      { ...update, release: "first" as const, deployedAt: addSeconds(now, 99_999) },
    ];
    expect(sentences(begun(-60))).toEqual([]);
    expect(sentences(begun(-61))).toHaveLength(1);
  });

  it("of which nothing is said is not judged", () => {
    const { release: _, ...silent } = update;
    expect(sentences([silent])).toEqual([]);
  });

  it("is judged by the whole log alone", () => {
    expect(sentences([{ ...first, release: "update" }], false)).toEqual([]);
  });
});
