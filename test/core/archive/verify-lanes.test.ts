import { describe, expect, it } from "vitest";
import { type LanePlace, recheckLanes } from "../../../core/archive/verify-lanes.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import { digestOf, now } from "../promotion/promotion-in-review.ts";

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
  recheckLanes(places, whole).findings.map(({ path, sentence }) => `${path}: ${sentence}`);

describe("what is put back", () => {
  it("was deployed before, under the verdict that is named", () => {
    expect(recheckLanes([first, drifted], true)).toEqual({ findings: [], unchecked: [] });
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
    [
      "what was deployed only later",
      [
        { ...first, deployedAt: addSeconds(now, 9999) },
        { ...drifted, release: "first" },
      ],
    ],
  ])("is not %s", (__, places) => {
    expect(sentences(places)).toEqual([
      expect.stringMatching(/was not deployed before under the verdict that is named\.$/),
    ]);
  });

  it("is said to be untold where it is not in the pack", () => {
    const { findings, unchecked } = recheckLanes([drifted], false);
    expect(findings).toEqual([]);
    expect(unchecked).toMatchObject([{ promotion: later, sentence: expect.stringContaining(former) }]);
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

  it("is judged by the whole log alone", () => {
    expect(sentences([{ ...first, release: "update" }], false)).toEqual([]);
  });
});
